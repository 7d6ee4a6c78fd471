// What the joints did in the last seconds: measured in one colour, commanded in another.
// Only the page that is looked at is drawn, five times a second.

import { at, digits, make, write } from './dom.js';
import { get, on } from './state.js';
import { onLanguage, say } from './words.js';

const SPAN_S = 20;
const PERIOD_MS = 200;
const WIDTH = 560;
const HEIGHT = 112;
const KINDS = [
  { id: 'position', word: 'plot_position', unit: '°', scale: 180 / Math.PI },
  { id: 'velocity', word: 'plot_velocity', unit: '°/s', scale: 180 / Math.PI },
  { id: 'error', word: 'plot_error', unit: '°', scale: 180 / Math.PI },
];

let samples = [];      // {t, position, velocity, asked, askedVelocity} as the state brought them
let joint = 0;

function take(joints) {
  const command = get('command');
  samples.push({ t: performance.now() / 1000, position: joints.position,
    velocity: joints.velocity, asked: command?.position, askedVelocity: command?.velocity });
  const first = samples.findIndex((one) => one.t > samples.at(-1).t - SPAN_S);
  if (first > 40) samples = samples.slice(first);   // seldom, a few at a time
}

function series(kind) {
  const pickOf = {
    position: (one) => [one.position?.[joint], one.asked?.[joint]],
    velocity: (one) => [one.velocity?.[joint], one.askedVelocity?.[joint]],
    error: (one) => [one.asked ? one.asked[joint] - one.position[joint] : undefined, undefined],
  }[kind.id];
  return samples.map((one) => [one.t, ...pickOf(one).map((value) => value * kind.scale)]);
}

function draw() {
  if (at('page-plots').hidden || document.hidden || !samples.length) return;
  for (const kind of KINDS) drawOne(kind);
}

function drawOne(kind) {
  const points = series(kind);
  const values = points.flatMap(([, ...pair]) => pair).filter(Number.isFinite);
  const canvas = at(`plot-${kind.id}`);
  const ratio = Math.min(window.devicePixelRatio, 2);
  const width = canvas.clientWidth || WIDTH;
  canvas.width = width * ratio;
  canvas.height = HEIGHT * ratio;
  const pen = canvas.getContext('2d');
  pen.scale(ratio, ratio);
  const style = getComputedStyle(canvas);
  let [low, high] = [Math.min(...values, 0), Math.max(...values, 0)];
  if (kind.id === 'position') [low, high] = [Math.min(...values), Math.max(...values)];
  const least = { position: 5, velocity: 5, error: 0.5 }[kind.id];
  if (!(high - low > least)) [low, high] = [(low + high - least) / 2, (low + high + least) / 2];
  const now = points.at(-1)[0];
  const [left, right] = [46, width - 8];
  const x = (t) => right - (now - t) / SPAN_S * (right - left);
  const y = (value) => HEIGHT - 10 - (value - low) / (high - low) * (HEIGHT - 20);
  grid(pen, style, low, high, left, right, y);
  const colour = (name) => style.getPropertyValue(`--plot-${name}`);
  curve(pen, colour('command'), points.map(([t, , b]) => [x(t), y(b)]), [5, 4]);
  curve(pen, colour('measure'), points.map(([t, a]) => [x(t), y(a)]), []);
  const [, a, b] = points.at(-1);
  const text = say('plot_now', { what: say(kind.word), measured: digits(a, 1),
    commanded: digits(b, 1), unit: kind.unit });
  canvas.setAttribute('aria-label', text);
  write(at(`plot-${kind.id}-now`), `${digits(a, 1)} ${kind.unit}`);
}

function grid(pen, style, low, high, left, right, y) {
  pen.strokeStyle = style.getPropertyValue('--line');
  pen.fillStyle = style.getPropertyValue('--muted');
  pen.font = `13px ${style.fontFamily}`;
  pen.textAlign = 'right';
  pen.textBaseline = 'middle';
  pen.lineWidth = 1;
  for (const value of [low, (low + high) / 2, high]) {
    const height = Math.round(y(value)) + 0.5;
    pen.beginPath();
    pen.moveTo(left, height);
    pen.lineTo(right, height);
    pen.stroke();
    pen.fillText(digits(value, high - low < 10 ? 1 : 0), left - 6, height);
  }
}

function curve(pen, colour, points, dash) {
  pen.strokeStyle = colour;
  pen.lineWidth = 2;
  pen.setLineDash(dash);
  pen.beginPath();
  let open = false;
  for (const [x, y] of points) {
    if (!Number.isFinite(y) || x < 46) { open = false; continue; }
    if (open) pen.lineTo(x, y); else pen.moveTo(x, y);
    open = true;
  }
  pen.stroke();
  pen.setLineDash([]);
}

function choices() {
  const names = get('site')?.joints ?? [];
  at('plot-joints').replaceChildren(...names.map((_, i) => {
    const element = make('button', { type: 'button', class: 'chip',
      'aria-pressed': String(i === joint), 'aria-label': say('joint_n', { n: i + 1 }),
      onclick: () => { joint = i; choices(); draw(); } }, String(i + 1));
    return element;
  }));
}

/** Bind the page 'plots'. */
export function start() {
  on('joints', take);
  on('site', choices);
  on('tab', draw);
  onLanguage(() => { choices(); draw(); });
  setInterval(draw, PERIOD_MS);
}
