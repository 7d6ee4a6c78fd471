// Live pictures of the cameras. Each is decoded beside the page and drawn when it is there, the
// newest first: a picture that came while another was being decoded replaces it.

import { at, make, write, digits } from './dom.js';
import { get, on } from './state.js';
import { onLanguage, say } from './words.js';

const SILENT_MS = 1500;
const STALE_S = 1.0;
const KNOWN = ['frozen', 'black', 'saturated', 'wrong_size', 'stale', 'missing'];
const views = new Map();

function build(cameras) {
  views.clear();
  at('cameras').replaceChildren(...cameras.map((camera) => {
    const canvas = make('canvas', { width: camera.width, height: camera.height, role: 'img' });
    const name = make('b');
    const note = make('span');
    const figure = make('figure', { class: 'camera', 'data-state': 'waiting' }, canvas,
      make('figcaption', {}, name, note));
    figure.style.setProperty('--shape', `${camera.width} / ${camera.height}`);
    figure.style.setProperty('--share', String(camera.width / camera.height));
    views.set(camera.name, { canvas, name, note, figure, waiting: null, busy: false,
      at: 0, times: [], pen: canvas.getContext('2d', { alpha: false }) });
    return figure;
  }));
  label();
  // On a phone the strip would follow the view that it was snapped to while it was empty.
  at('cameras').parentElement.scrollLeft = 0;
}

async function draw(view) {
  view.busy = true;
  while (view.waiting) {
    const blob = view.waiting;
    view.waiting = null;
    try {
      const picture = await createImageBitmap(blob);
      view.canvas.width = picture.width;
      view.canvas.height = picture.height;
      view.pen.drawImage(picture, 0, 0);
      picture.close();
    } catch { /* a torn picture is left out; the next one comes */ }
  }
  view.busy = false;
}

function receive({ camera, jpeg }) {
  const view = views.get(camera);
  if (!view) return;
  const now = performance.now();
  view.at = now;
  view.times.push(now);
  while (view.times[0] < now - 2000) view.times.shift();
  if (document.hidden) return;
  view.waiting = jpeg;
  if (!view.busy) draw(view);
}

function label() {
  const health = get('scene')?.cameras ?? {};
  const now = performance.now();
  for (const [name, view] of views) {
    const silent = now - view.at > SILENT_MS;
    // The same image again is no fault: a cell in which nothing moves looks so. Perception knows
    // when it should have changed, and then lets no scene through.
    const calm = health[name] === 'frozen' && !(get('scene').age_s > STALE_S);
    const bad = KNOWN.includes(health[name]) && !calm ? health[name] : '';
    view.figure.dataset.state = bad || silent ? 'bad' : 'good';
    write(view.name, name);
    const span = Math.max(now - (view.times[0] ?? now), 500) / 1000;
    write(view.note, bad ? say(bad) : silent ? say('no_image') : calm ? say('unchanged')
      : say('fps', { n: digits(view.times.length / span, 0) }));
    view.canvas.setAttribute('aria-label', say('camera_of', { name }));
  }
}

/** Show the cameras of the site. */
export function start() {
  on('site', (site) => { if (site) build(site.cameras); });
  on('frame', receive);
  onLanguage(label);
  setInterval(label, 500);
}
