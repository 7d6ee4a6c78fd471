// The pages beside the views: one is seen at a time, chosen by pointer or arrow keys.

import { at } from './dom.js';
import { put } from './state.js';
import { release } from './hold.js';

const NAMES = ['work', 'move', 'record', 'episodes', 'plots', 'health'];

function choose(name, focus = false) {
  release('left');
  for (const one of NAMES) {
    const tab = at(`tab-${one}`);
    tab.setAttribute('aria-selected', String(one === name));
    tab.tabIndex = one === name ? 0 : -1;
    at(`page-${one}`).hidden = one !== name;
  }
  if (focus) at(`tab-${name}`).focus();
  put('tab', name);
}

/** Bind the tabs. */
export function start() {
  NAMES.forEach((name, i) => {
    at(`tab-${name}`).addEventListener('click', () => choose(name));
    at(`tab-${name}`).addEventListener('keydown', (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      choose(NAMES[(i + step + NAMES.length) % NAMES.length], true);
    });
  });
  choose(NAMES[0]);
}
