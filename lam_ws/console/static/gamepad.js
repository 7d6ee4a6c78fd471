// A gamepad as a hand: it moves only while its left shoulder button is held, and the axes are
// read anew at each beat. What the device last sent must be recent, as with a pointer.

import { at, write } from './dom.js';
import { along, hand } from './jog.js';
import { hold, holding, release, STILL_MS, touch } from './hold.js';
import { onLanguage, say } from './words.js';

const POLL_MS = 30;
const DEAD = 0.15;            // of a stick's way that counts as none
const [ENABLE, OPEN, SHUT, UP, DOWN] = [4, 0, 1, 12, 13];   // of the standard mapping

let held = null;
let seen = '';                // buttons and axes of the last poll

const pressed = (pad, button) => pad.buttons[button]?.pressed ?? false;
const stick = (pad, axis) => {
  const value = pad.axes[axis] ?? 0;
  return Math.abs(value) < DEAD ? 0 : (value - Math.sign(value) * DEAD) / (1 - DEAD);
};

const find = () => [...navigator.getGamepads()].find((pad) => pad && pad.mapping === 'standard');

function wish() {
  const pad = find();
  if (!pad || !pressed(pad, ENABLE)) return along(null, 0);
  const gripper = Number(pressed(pad, OPEN)) - Number(pressed(pad, SHUT));
  if (hand.mode === 'joint') return along(hand.joint, -stick(pad, 1), gripper);
  const lift = Number(pressed(pad, UP)) - Number(pressed(pad, DOWN));
  const push = [-stick(pad, 1), -stick(pad, 0), lift, stick(pad, 2), -stick(pad, 3), 0];
  return { ...along(null, 0, gripper), vector: push };
}

function poll() {
  const pad = find();
  const ready = pad && !at('page-move').hidden && !document.hidden;
  const enabled = ready && pressed(pad, ENABLE);
  if (enabled) {
    const now = JSON.stringify([pad.axes, pad.buttons.map((one) => one.value)]);
    if (!held && now !== seen) held = hold('gamepad', wish, STILL_MS);
    else if (held && now !== seen) touch(held);
    seen = now;
  } else if (held) {
    release('released', held);
    held = null;
  }
  if (held && holding() !== held) held = null;
  show();
  if (pad) setTimeout(poll, POLL_MS);
}

function show() {
  const pad = find();
  write(at('gamepad-text'), say(held ? 'gamepad_moving' : pad ? 'gamepad_ready' : 'gamepad_none'));
}

/** Watch for a gamepad; nothing is polled before one is there. */
export function start() {
  window.addEventListener('gamepadconnected', poll);
  window.addEventListener('gamepaddisconnected', () => {
    if (held) release('lost', held);
    held = null;
    show();
  });
  onLanguage(show);
  show();
}
