// What was asked of the cell before, newest first, kept for this session of the browser.

import { at, make } from './dom.js';
import { onLanguage, say } from './words.js';

const LONGEST = 30;
let entries = [];
let reuse = () => {};

function show() {
  at('history-empty').hidden = entries.length > 0;
  at('history-list').replaceChildren(...entries.map((entry) => make('li',
    { 'data-phase': entry.phase },
    make('button', { type: 'button', class: 'past', 'aria-label': `${say('again')}: ${entry.text}`,
      onclick: () => reuse(entry.text) }, entry.text),
    make('span', { class: 'tag' }, say(`phase_${entry.phase}`)),
    make('small', {}, entry.answer))));
}

/** Add how an instruction ended: {text, phase, answer}. */
export function remember(entry) {
  entries = [entry, ...entries].slice(0, LONGEST);
  try { sessionStorage.setItem('history', JSON.stringify(entries)); } catch { /* private */ }
  show();
}

/** Show the list; `choose` is called with a sentence to use again. */
export function start(choose) {
  reuse = choose;
  try { entries = JSON.parse(sessionStorage.getItem('history') ?? '[]'); } catch { entries = []; }
  onLanguage(show);
  show();
}
