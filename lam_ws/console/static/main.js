// Puts the page together. Each line starts one concern; none knows the others.

import { at, write } from './dom.js';
import { get, on } from './state.js';
import { firstLanguage, getLanguage, onLanguage, say, setLanguage } from './words.js';
import * as attempt from './attempt.js';
import * as cameras from './cameras.js';
import * as episodes from './episodes.js';
import * as gamepad from './gamepad.js';
import * as guard from './guard.js';
import * as health from './health.js';
import * as hold from './hold.js';
import * as instruct from './instruct.js';
import * as jog from './jog.js';
import * as keys from './keys.js';
import * as login from './login.js';
import * as plots from './plots.js';
import * as record from './record.js';
import * as stop from './stop.js';
import * as tabs from './tabs.js';

function link() {
  const state = get('link') ?? 'connecting';
  at('link').dataset.state = state;
  write(at('link-text'), say(state));
}

function title() {
  const site = get('site');
  write(at('site-name'), site ? site.name : '');
  document.title = site ? `${site.name} – ${say('title')}` : say('title');
}

function languages() {
  for (const button of document.querySelectorAll('[data-language]')) {
    button.setAttribute('aria-pressed', String(button.dataset.language === getLanguage()));
  }
}

stop.start();       // first, so that nothing that fails later can be in its way
hold.start();
setLanguage(firstLanguage(), false);
for (const button of document.querySelectorAll('[data-language]')) {
  button.addEventListener('click', () => setLanguage(button.dataset.language));
}
on('link', link);
on('site', title);
on('site', (site) => { if (site) setLanguage(firstLanguage(site.language), false); });
onLanguage(() => { link(); title(); languages(); });
for (const part of [attempt, guard, cameras, tabs, instruct, jog, keys, gamepad, record, episodes,
  plots, health]) {
  // What fails in one panel is told in the console and leaves the others to the operator.
  try { part.start(); } catch (error) { console.error(error); }
}
languages();
login.start().finally(() => { document.body.dataset.ready = ''; });
// Two thirds of a megabyte: fetched beside the rest, and the page works without it.
import('./arm3d.js').then((arm3d) => arm3d.start()).catch((error) => console.error(error));
