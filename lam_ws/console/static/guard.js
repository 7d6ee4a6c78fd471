// The guard: its state in a colour and a word, why it stopped or what it limits, what to do next,
// and the two buttons that lead back to motion.

import { at, write } from './dom.js';
import { mayCommand, on, get } from './state.js';
import { nodeName, onLanguage, pick, say } from './words.js';
import { post } from './protocol.js';
import { attempt } from './attempt.js';

const SILENT_S = 1.0;      // the guard speaks ten times a second
const LIMIT_MS = 2000;     // that a limit stays to be read; it may hold for one cycle
const STATES = ['disarmed', 'armed', 'running', 'stopping', 'stopped'];

let announced = '';
let limit = { text: null, at: -Infinity };
let cause = { reason: '', text: null };   // of a stop: a limit that is met while braking hides it

// Keep what the guard's words are about, as it gives words for one thing at a time.
function remember(guard) {
  if (guard.limited) limit = { text: guard.text, at: performance.now() };
  else if (guard.reason) cause = { reason: guard.reason, text: guard.text };
}

// Return the words of a stop or refusal, '' where there is none.
function causeOf(guard) {
  return guard?.reason && guard.reason === cause.reason ? pick(cause.text) : '';
}

function wordsOf(guard, state) {
  if (causeOf(guard)) return causeOf(guard);
  const fresh = performance.now() - limit.at < LIMIT_MS;
  return (state === 'running' && fresh && pick(limit.text)) || say(`next_${state}`);
}

function show() {
  const fresh = get('link') === 'connected';
  const heard = fresh ? get('guard') : null;
  const guard = heard && !(heard.age_s > SILENT_S) ? heard : null;
  const state = STATES.includes(guard?.state) ? guard.state : 'unknown';
  const bar = at('guard');
  bar.dataset.state = state;
  write(at('guard-state'), say(`state_${state}`));
  if (guard) remember(guard);
  write(at('guard-text'), wordsOf(guard, state));
  bar.dataset.calm = String(!guard?.reason);
  write(at('guard-holder'), say('moved_by', {
    who: guard?.commander ? nodeName(guard.commander) : say('nobody') }));
  at('recover').hidden = !guard?.reason?.startsWith('arm_');
  at('recover').disabled = !mayCommand();
  at('reset').disabled = !mayCommand() || !['stopping', 'stopped'].includes(state);
  at('arm').disabled = !mayCommand() || state !== 'disarmed';
  // A bound at work changes many times a second: only states and reasons are read aloud.
  const said = `${say(`state_${state}`)}. ${causeOf(guard)}`;
  if (said !== announced) { announced = said; write(at('guard-live'), said); }
}

/** Bind the bar at the bottom. */
export function start() {
  for (const topic of ['guard', 'link', 'me']) on(topic, show);
  onLanguage(show);
  at('recover').addEventListener('click', () => attempt(() => post('/api/recover')));
  at('reset').addEventListener('click', () => attempt(() => post('/api/reset')));
  at('arm').addEventListener('click', () => attempt(() => post('/api/arm')));
}
