// Demonstrations: begin, end with a verdict, do it over, throw away; and whether what is being
// written is good, while there is still time to do it over.

import { at, digits, make, write } from './dom.js';
import { get, mayCommand, on } from './state.js';
import { onLanguage, pick, say } from './words.js';
import { post } from './protocol.js';
import { attempt } from './attempt.js';
import { notice } from './notice.js';

const SLOW = 0.85;        // of a camera's rate; less is marked
const SKEW_S = 0.05;
const LATE_S = 1.0;

let busy = false;
let said = '';            // the sentence of what is being recorded

function show() {
  const state = get('record');
  const on_air = Boolean(state?.episode_id);
  at('recorder').dataset.on = String(on_air);
  write(at('record-state'), say(!on_air ? 'record_idle'
    : state.by_operator ? 'record_on' : 'record_by_task'));
  write(at('record-sentence-now'), on_air ? state.instruction : '');
  write(at('record-seconds'), on_air ? say('seconds', { n: digits(state.seconds, 1) }) : '–');
  write(at('record-messages'), on_air ? String(state.messages) : '–');
  fact('record-delay', on_air ? state.delay_s * 1000 : NaN, state?.delay_s > LATE_S);
  fact('record-skew', on_air ? state.skew_s * 1000 : NaN, state?.skew_s > SKEW_S);
  cameras(state);
  const warning = pick(state?.warning);
  at('record-warning').dataset.bad = String(Boolean(warning));
  write(at('record-warning'), warning || say(on_air ? 'recording_good' : 'recording_waits'));
  const may = mayCommand() && !busy;
  at('record-start').disabled = !may || on_air;
  at('record-text').disabled = !mayCommand() || on_air;
  for (const id of ['record-success', 'record-failure', 'record-again', 'record-skip']) {
    at(id).disabled = !may || !on_air || !state.by_operator;
  }
}

function fact(id, value_ms, bad) {
  write(at(id), Number.isFinite(value_ms)
    ? say('milliseconds', { n: digits(value_ms, 0) }) : '–');
  at(id).dataset.bad = String(Boolean(bad));
}

let named = '';
function cameras(state) {
  const names = state?.cameras?.length ? state.cameras
    : (get('site')?.cameras ?? []).map((one) => one.name);
  if (named !== names.join()) {
    named = names.join();
    at('record-cameras').replaceChildren(...names.map((name) => make('tr', {},
      make('th', { scope: 'row' }, name), make('td'), make('td'))));
  }
  const on_air = Boolean(state?.episode_id);
  [...at('record-cameras').rows].forEach((row, i) => {
    const rate = on_air ? state.rate_hz[i] : NaN;
    const full = get('site')?.cameras?.find((one) => one.name === names[i])?.rate_hz;
    write(row.cells[1], Number.isFinite(rate) ? say('fps', { n: digits(rate, 1) }) : '–');
    row.cells[1].dataset.bad = String(on_air && full && state.seconds > 2 && rate < SLOW * full);
    write(row.cells[2], on_air ? String(state.dropped[i]) : '–');
    row.cells[2].dataset.bad = String(on_air && state.dropped[i] > 0);
  });
}

async function act(body, done = '') {
  busy = true;
  show();
  const answer = await attempt(() => post('/api/record', body));
  busy = false;
  show();
  if (answer && done) notice(done, 'good');
  return answer;
}

async function begin(sentence) {
  if (!sentence) { notice(say('record_what'), 'plain'); at('record-text').focus(); return; }
  said = sentence;
  await act({ action: 'start', instruction: sentence });
}

const stop = (label) => act({ action: 'stop', label, note: at('record-note').value.trim() },
  say('saved'));

async function again() {
  const sentence = get('record')?.instruction || said;
  if (await act({ action: 'discard' })) await begin(sentence);
}

/** Bind the page 'record'. */
export function start() {
  at('record-form').addEventListener('submit', (event) => {
    event.preventDefault();
    begin(at('record-text').value.trim());
  });
  at('record-success').addEventListener('click', () => stop('success'));
  at('record-failure').addEventListener('click', () => stop('failure'));
  at('record-again').addEventListener('click', again);
  at('record-skip').addEventListener('click', () => act({ action: 'discard' }));
  for (const topic of ['record', 'site', 'me']) on(topic, show);
  onLanguage(show);
}
