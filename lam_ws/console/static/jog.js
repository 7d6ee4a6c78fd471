// Moving the arm by hand: take over, choose what a push means and how fast, and push. Buttons and
// the pad are pointers; keys.js and gamepad.js are the other two ways in.

import { at, make, write, digits } from './dom.js';
import { get, handIsOurs, mayCommand, on } from './state.js';
import { fill, nodeName, onLanguage, pick, say } from './words.js';
import { hold, release, STILL_MS, touch } from './hold.js';
import { tell } from './protocol.js';
import { notice } from './notice.js';

const AXES = ['axis_x', 'axis_y', 'axis_z', 'axis_rx', 'axis_ry', 'axis_rz'];
// speed: share of the largest that the cell allows a hand
export const hand = { mode: 'base', speed: 0.25, joint: 0 };

/** Return a jog along one axis of the mode, or of the gripper alone with axis null. */
export function along(axis, direction, gripper = 0) {
  const length = hand.mode === 'joint' ? armJoints().length : 6;
  const vector = new Array(length).fill(0);
  if (axis !== null) vector[axis] = direction;
  return { mode: hand.mode, vector, gripper, speed: hand.speed };
}

/** Return the arm joints of the site, without the gripper. */
export const armJoints = () => get('site')?.joints ?? [];

// A pointer that goes down on `element` holds until it comes up, leaves, or is lost.
function holdable(element, wish, moved = null) {
  let held = null;
  element.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    element.setPointerCapture(event.pointerId);
    moved?.(event);
    held = hold('pointer', wish, STILL_MS);
    if (held) element.dataset.held = '';
  });
  element.addEventListener('pointermove', (event) => {
    if (!held || !element.hasPointerCapture(event.pointerId)) return;
    if (moved) moved(event);
    else if (outside(element, event)) { end(); return; }
    touch(held);
  });
  const forget = () => { held = null; delete element.dataset.held; };
  const end = () => { if (held) release('released', held); forget(); };
  for (const name of ['pointerup', 'pointercancel', 'lostpointercapture']) {
    element.addEventListener(name, end);
  }
  on('hold', (state) => { if (!state.moving && held) forget(); });
}

function outside(element, event) {
  const box = element.getBoundingClientRect();
  const slack = 24;   // px that a thumb may roll
  return event.clientX < box.left - slack || event.clientX > box.right + slack
    || event.clientY < box.top - slack || event.clientY > box.bottom + slack;
}

function row(axis, words) {
  const name = make('span', { class: 'axis' });
  name.dataset.word = words.key ?? '';
  if (!words.key) name.textContent = words.text;
  const value = make('output', { class: 'value' });
  const mark = make('i');
  const push = (direction, sign) => {
    const element = make('button', { type: 'button', class: 'push' }, sign);
    element.dataset.axis = String(axis);
    element.dataset.direction = String(direction);
    holdable(element, () => along(axis, direction));
    return element;
  };
  const line = make('div', { class: 'row' }, push(-1, '−'), make('div', { class: 'mid' },
    name, value, words.key ? null : make('div', { class: 'range' }, mark)), push(1, '+'));
  return { line, name, value, mark };
}

let rows = [];
function build() {
  const joint = hand.mode === 'joint';
  const words = joint ? armJoints().map((one) => ({ text: one.name }))
    : AXES.map((key) => ({ key }));
  rows = words.map((word, i) => row(i, word));
  at('axes').replaceChildren(...rows.map((one) => one.line));
  at('page-move').dataset.mode = hand.mode;
  at('pad-box').hidden = joint;
  fill(at('axes'));
  label();
}

function label() {
  const joint = hand.mode === 'joint';
  rows.forEach((one, i) => {
    const axis = joint ? say('joint_n', { n: i + 1 }) : say(AXES[i]);
    if (joint) write(one.name, axis);
    const [minus, plus] = one.line.querySelectorAll('.push');
    minus.setAttribute('aria-label', say('axis_minus', { axis }));
    plus.setAttribute('aria-label', say('axis_plus', { axis }));
    one.line.dataset.chosen = String(joint && i === hand.joint);
  });
  write(at('keys-text'), say(joint ? 'keys_joint' : 'keys_cartesian'));
  measure();
}

function measure() {
  if (hand.mode !== 'joint' || at('page-move').hidden) return;
  const joints = get('joints');
  armJoints().forEach((spec, i) => {
    const value = joints?.position[joints.names.indexOf(spec.name)];
    if (!rows[i]) return;
    write(rows[i].value, `${digits(value * 180 / Math.PI, 1)}°`);
    rows[i].mark.style.left = `${100 * (value - spec.lower) / (spec.upper - spec.lower)}%`;
    rows[i].line.dataset.end = String(get('teleop')?.ends?.includes(spec.name) ?? false);
  });
}

/** Choose what a push means. */
export function setMode(mode) {
  release('released');
  hand.mode = mode;
  for (const input of document.querySelectorAll('input[name=mode]')) {
    input.checked = input.value === mode;
  }
  build();
}

/** Choose the joint that keys and gamepad move. */
export function chooseJoint(index) {
  if (index < armJoints().length) { hand.joint = index; label(); }
}

function showHand() {
  const state = get('teleop') ?? {};
  const mine = handIsOurs();
  at('hand').dataset.mine = String(mine);
  at('take').hidden = mine;
  at('give').hidden = !mine;
  at('take').disabled = !mayCommand() || state.available === false;
  const holder = state.holder;
  write(at('hand-text'), mine ? say('hand_mine') : !holder ? say('hand_none')
    : state.role === 'policy' ? say('hand_policy')
      : say('hand_other', { who: state.owner || nodeName(holder) }));
  const limit = state.available === false ? state.why : pick(state.limited?.text);
  at('limit').dataset.active = String(Boolean(limit));
  write(at('limit-text'), limit || say('unlimited'));
  measure();
}

function showHold(state) {
  const { moving, why } = state ?? {};
  at('hand').dataset.moving = String(Boolean(moving));
  const told = ['still', 'unanswered', 'lost', 'left', 'not_mine', 'not_armed', 'no_proof'];
  write(at('hold-text'), moving ? say('hold_moving')
    : told.includes(why) ? say(`hold_${why}`) : say('hold_ready'));
  if (told.includes(why) && why !== 'left') notice(say(`hold_${why}`), 'plain');
}

function pad() {
  const area = at('pad');
  const knob = at('pad-knob');
  const push = [0, 0];
  const place = (x, y) => { knob.style.transform = `translate(${x * 40}%, ${y * 40}%)`; };
  const moved = (event) => {
    const box = area.getBoundingClientRect();
    const [x, y] = [(event.clientX - box.left) / box.width * 2 - 1,
      (event.clientY - box.top) / box.height * 2 - 1];
    const size = Math.max(1, Math.hypot(x, y));
    [push[0], push[1]] = [-y / size, -x / size];   // up on the screen is away: +X; left is +Y
    place(x / size * 1.5, y / size * 1.5);
  };
  holdable(area, () => ({ ...along(null, 0), vector: [push[0], push[1], 0, 0, 0, 0] }), moved);
  on('hold', (state) => { if (!state.moving) place(0, 0); });
}

/** Bind the page 'move'. */
export function start() {
  for (const input of document.querySelectorAll('input[name=mode]')) {
    input.addEventListener('change', () => setMode(input.value));
  }
  for (const input of document.querySelectorAll('input[name=speed]')) {
    input.addEventListener('change', () => { hand.speed = Number(input.value); });
  }
  at('take').addEventListener('click', () => tell({ type: 'hand', action: 'take' }));
  at('give').addEventListener('click', () => {
    release('released');
    tell({ type: 'hand', action: 'give' });
  });
  holdable(at('open'), () => along(null, 0, 1));
  holdable(at('shut'), () => along(null, 0, -1));
  pad();
  on('site', (site) => { if (site) build(); });
  on('joints', measure);
  for (const topic of ['teleop', 'me']) on(topic, showHand);
  on('hold', showHold);
  onLanguage(() => { label(); showHand(); showHold(get('hold')); });
}
