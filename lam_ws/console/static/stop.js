// STOP: a pointer that goes down on it, Escape anywhere, Space anywhere but in a text field.
//
// It works for every role and does not wait: the WebSocket and a POST carry it at the same time,
// so a connection that only looks alive cannot swallow it.

import { say } from './words.js';
import { stop } from './protocol.js';
import { release } from './hold.js';
import { get } from './state.js';
import { notice } from './notice.js';

const typing = (element) => element instanceof HTMLElement
  && element.matches('textarea, input:not([type=radio]):not([type=checkbox]):not([type=range])');

async function press() {
  const button = document.getElementById('stop');
  button.dataset.sent = '';
  setTimeout(() => delete button.dataset.sent, 400);
  const sent = stop();
  release('stop');
  notice(await sent ? say('stop_sent') : say('stop_failed'), await sent ? 'plain' : 'bad');
}

/** Bind the button and the keys. */
export function start() {
  const button = document.getElementById('stop');
  // Down, not click: a finger that slips off the button meant it all the same.
  button.addEventListener('pointerdown', (event) => { event.preventDefault(); press(); });
  button.addEventListener('click', (event) => { if (event.detail === 0) press(); });
  window.addEventListener('keydown', (event) => {
    const space = event.code === 'Space' && !typing(event.target);
    if (!get('me') || (event.code !== 'Escape' && !space)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!event.repeat) press();
  }, { capture: true });
  // The key that stopped must not press the button that has the focus as it comes up.
  window.addEventListener('keyup', (event) => {
    if (event.code === 'Space' && get('me') && !typing(event.target)) event.preventDefault();
  }, { capture: true });
}
