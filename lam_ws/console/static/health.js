// How every node of the cell does, and for engineers who commanded what.

import { at, clock, make } from './dom.js';
import { get, on } from './state.js';
import { getLanguage, nodeName, onLanguage, pick, say } from './words.js';
import { ask } from './protocol.js';
import { attempt } from './attempt.js';

const LEVELS = ['ok', 'warn', 'error', 'stale'];

let shown = '';

function show() {
  const nodes = get('health')?.nodes ?? [];
  const key = JSON.stringify([nodes, getLanguage()]);
  if (key === shown) return;
  shown = key;
  at('health-empty').hidden = nodes.length > 0;
  at('health-list').replaceChildren(...nodes.map((node) => {
    const level = LEVELS.includes(node.level) ? node.level : 'stale';
    return make('li', { 'data-level': level }, make('i', { 'aria-hidden': 'true' }),
      make('b', {}, nodeName(node.name)), make('span', { class: 'tag' }, say(`level_${level}`)),
      make('small', {}, pick(node.text)));
  }));
  const worst = Math.max(0, ...nodes.map((node) => LEVELS.indexOf(node.level)));
  at('tab-health').dataset.level = LEVELS[worst];
}

// What a line of the log says beside who and when, without what was left empty.
function details({ what, detail }) {
  const more = detail && typeof detail === 'object' ? detail : { detail };
  const parts = Object.entries(more).filter(([, value]) => value || value === false)
    .map(([key, value]) => `${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}`);
  return [what, ...parts].join(' · ');
}

async function audit() {
  const answer = await attempt(() => ask('/api/audit'));
  if (!answer) return;
  at('audit-list').replaceChildren(...answer.entries.slice(-60).reverse().map((one) =>
    make('tr', {}, make('td', {}, clock(one.time_s, getLanguage())),
      make('td', {}, one.name ?? ''), make('td', {}, details(one)))));
  at('audit-table').hidden = false;
}

/** Bind the page 'health'. */
export function start() {
  on('health', show);
  on('me', (me) => { at('audit').hidden = me?.role !== 'engineer'; });
  at('audit-show').addEventListener('click', audit);
  onLanguage(show);
}
