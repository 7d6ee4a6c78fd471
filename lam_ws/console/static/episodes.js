// What was recorded: a list, one episode with its film, and a person's verdict on it.

import { at, clock, digits, make, write } from './dom.js';
import { get, mayCommand, on } from './state.js';
import { getLanguage, onLanguage, say } from './words.js';
import { ask, post } from './protocol.js';
import { attempt } from './attempt.js';
import { notice } from './notice.js';

const LABELS = ['success', 'failure', ''];

let list = [];
let chosen = null;

const wordOf = (label) => say(`label_${label || 'none'}`);
const labelOf = (one) => (LABELS.includes(one.label) ? one.label : '');

function line(one) {
  const label = labelOf(one);
  return make('li', {}, make('button', { type: 'button', class: 'episode',
    'data-label-is': label || 'none', onclick: () => open(one.id) },
  make('b', {}, one.instruction || one.id),
  make('span', { class: 'tag' }, wordOf(label)),
  make('small', {}, [clock(one.began_s, getLanguage()),
    say('seconds', { n: digits(one.seconds, 1) }),
    one.operator ? say('by', { who: one.operator }) : '',
    one.interventions ? say('interventions', { n: one.interventions }) : '']
    .filter(Boolean).join(' · '))));
}

function show() {
  at('episodes-empty').hidden = list.length > 0;
  at('episodes-list').replaceChildren(...list.map(line));
  if (chosen) detail();
}

/** Ask the server for the list anew. */
export async function refresh() {
  const answer = await attempt(() => ask('/api/episodes'));
  if (answer) { list = answer.episodes; show(); }
}

async function open(id) {
  const found = await attempt(() => ask(`/api/episodes/${encodeURIComponent(id)}`));
  if (!found) return;
  chosen = found;
  const film = at('episode-film');
  film.hidden = !found.film;
  at('film-none').hidden = Boolean(found.film);
  if (found.film) film.src = `/api/episodes/${encodeURIComponent(id)}/film.mp4`;
  else film.removeAttribute('src');
  at('episode-note').value = found.note ?? '';
  detail();
  at('episodes-box').hidden = true;
  at('episode').hidden = false;
  at('episode-back').focus({ preventScroll: true });
}

function detail() {
  write(at('episode-title'), chosen.instruction || chosen.id);
  at('episode-film').setAttribute('aria-label', say('film_of', { id: chosen.id }));
  write(at('episode-facts'), [chosen.id, clock(chosen.began_s, getLanguage()),
    say('seconds', { n: digits(chosen.seconds, 1) }),
    chosen.operator ? say('by', { who: chosen.operator }) : ''].filter(Boolean).join(' · '));
  for (const input of document.querySelectorAll('input[name=label]')) {
    input.checked = input.value === labelOf(chosen);
    input.disabled = !mayCommand();
  }
  at('episode-save').disabled = !mayCommand();
  at('episode-note').disabled = !mayCommand();
}

function back() {
  at('episode-film').pause();
  at('episode-film').removeAttribute('src');
  at('episode').hidden = true;
  at('episodes-box').hidden = false;
  chosen = null;
  refresh();
}

async function save(event) {
  event.preventDefault();
  const label = document.querySelector('input[name=label]:checked')?.value ?? '';
  const note = at('episode-note').value.trim();
  const path = `/api/episodes/${encodeURIComponent(chosen.id)}/label`;
  if (await attempt(() => post(path, { label, note }))) {
    chosen = { ...chosen, label, note };
    notice(say('saved'), 'good');
  }
}

/** Bind the page 'episodes'. */
export function start() {
  at('episodes-refresh').addEventListener('click', refresh);
  at('episode-back').addEventListener('click', back);
  at('episode-form').addEventListener('submit', save);
  on('tab', (tab) => { if (tab === 'episodes' && get('me')) refresh(); });
  onLanguage(show);
}
