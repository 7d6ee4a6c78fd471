// The keyboard as a hand: a key that is down moves, its repeats renew the hold, its coming up ends
// it. Only on the page 'move', and never while someone types.

import { at } from './dom.js';
import { get } from './state.js';
import { along, chooseJoint, hand } from './jog.js';
import { FIRST_REPEAT_MS, hold, release, REPEAT_MS, touch } from './hold.js';

const TOOL = { KeyW: [0, 1], KeyS: [0, -1], KeyA: [1, 1], KeyD: [1, -1], KeyR: [2, 1],
  KeyF: [2, -1], KeyI: [4, 1], KeyK: [4, -1], KeyJ: [3, -1], KeyL: [3, 1], KeyU: [5, 1],
  KeyO: [5, -1] };
const PLUS = ['Equal', 'NumpadAdd', 'ArrowUp'];
const MINUS = ['Minus', 'NumpadSubtract', 'ArrowDown'];

let held = null;
let code = '';

function wishOf(key, target) {
  // Whoever walks through the page by keyboard pushes the button that has the focus.
  if (key === 'Enter' && target.matches('.push[data-axis]')) {
    const { axis, direction } = target.dataset;
    return () => along(Number(axis), Number(direction));
  }
  if (key === 'KeyG') return () => along(null, 0, 1);
  if (key === 'KeyB') return () => along(null, 0, -1);
  if (hand.mode === 'joint') {
    if (PLUS.includes(key)) return () => along(hand.joint, 1);
    if (MINUS.includes(key)) return () => along(hand.joint, -1);
    return null;
  }
  return TOOL[key] ? () => along(...TOOL[key]) : null;
}

function down(event) {
  if (at('page-move').hidden || !get('me')) return;
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.target.matches('input:not([type=radio]), textarea, select')) return;
  if (event.repeat) {
    if (event.code === code) { event.preventDefault(); touch(held, REPEAT_MS); }
    return;
  }
  const digit = /^Digit([1-9])$/.exec(event.code);
  if (digit && hand.mode === 'joint') { chooseJoint(Number(digit[1]) - 1); return; }
  const wish = wishOf(event.code, event.target);
  if (!wish) return;
  event.preventDefault();
  code = event.code;
  held = hold('key', wish, FIRST_REPEAT_MS);
}

function up(event) {
  if (event.code !== code) return;
  code = '';
  if (held) release('released', held);
  held = null;
}

/** Listen to the keyboard. */
export function start() {
  window.addEventListener('keydown', down);
  window.addEventListener('keyup', up);
}
