// Hold-to-run: the arm is asked to move only as long as a person demonstrably holds something.
//
// Each hold is renewed 30 times a second, and each renewal needs two proofs: an input event that
// is not older than the hold allows, and an answer of the browser's main process, without which
// no input event could reach the page at all. A page timer alone proves nothing: it goes on while
// the browser hangs (measured: 98 ticks in two seconds with the main process stopped, and no
// answer). Whatever is missing, the arm gets no further jog and brakes within 100 ms.

import { get, handIsOurs, on, put } from './state.js';
import { jog, tell } from './protocol.js';

const BEAT_MS = 30;
const ANSWER_MS = 200;               // longest that the main process takes to answer
export const STILL_MS = 4000;        // longest that a pointer may be held without moving
export const FIRST_REPEAT_MS = 800;  // longest that a keyboard takes to begin to repeat
export const REPEAT_MS = 250;        // longest between repeats after that

let current = null;

/** Return whether the browser's main process answers; it keeps the permissions. */
async function browserAnswers() {
  if (!navigator.permissions) return false;
  try {
    await navigator.permissions.query({ name: 'notifications' });
    return true;
  } catch { return false; }
}

/** Return why nothing may be held now, '' if it may. */
function obstacle() {
  if (get('link') !== 'connected') return 'lost';
  if (!handIsOurs()) return 'not_mine';
  if (!['armed', 'running'].includes(get('guard')?.state)) return 'not_armed';
  return '';
}

/**
 * Begin to hold, instead of whatever was held before.
 *
 * `wish` returns {mode, vector, gripper} at each beat; `limit_ms` is how old the last input event
 * may be. Returns the hold, or null if nothing may be held.
 */
export function hold(source, wish, limit_ms) {
  release('replaced');
  const why = obstacle();
  if (why) { put('hold', { moving: false, why }); return null; }
  current = { source, wish, limit_ms, touched: performance.now(), proofs: 0 };
  put('hold', { moving: true, why: '', source });
  beat(current);
  return current;
}

/** Say that an input event renewed the hold; `limit_ms` replaces its limit. */
export function touch(held, limit_ms = held?.limit_ms) {
  if (!held || held !== current) return;
  held.touched = performance.now();
  held.limit_ms = limit_ms;
}

/** Let go of whatever is held. */
export function release(why = 'released', held = current) {
  if (!current || held !== current) return;
  current = null;
  tell({ type: 'release' });
  put('hold', { moving: false, why });
}

export const holding = () => current;

async function beat(held) {
  send(held);
  while (held === current) {
    await new Promise((resolve) => setTimeout(resolve, BEAT_MS));
    const asked = performance.now();
    const proof = await browserAnswers();
    if (held !== current) return;
    if (!proof) { release('no_proof', held); return; }
    // The arm stands already; it must not set off again by itself when the browser wakes up.
    if (performance.now() - asked > ANSWER_MS) { release('unanswered', held); return; }
    if (performance.now() - held.touched > held.limit_ms) { release('still', held); return; }
    const why = obstacle();
    if (why) { release(why, held); return; }
    held.proofs += 1;
    send(held);
  }
}

function send(held) {
  if (!jog(held.wish())) release('lost', held);
}

/** Bind everything that ends a hold from outside. */
export function start() {
  window.addEventListener('blur', () => release('left'));
  window.addEventListener('pagehide', () => release('left'));
  document.addEventListener('freeze', () => release('left'));
  document.addEventListener('visibilitychange', () => { if (document.hidden) release('left'); });
  window.addEventListener('contextmenu', (event) => {
    if (current) event.preventDefault();
  });
  on('link', (link) => { if (link !== 'connected') release('lost'); });
}
