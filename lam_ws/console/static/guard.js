// The guard: its state in a colour and a word, why it stopped or what it limits, what to do next,
// and the two buttons that lead back to motion.

import { at, write } from './dom.js';
import { mayCommand, on, get } from './state.js';
import { nodeName, onLanguage, pick, say } from './words.js';
import { post } from './protocol.js';
import { attempt } from './attempt.js';

const SILENT_S = 1.0;      // the guard speaks ten times a second
const STATES = ['disarmed', 'armed', 'running', 'stopping', 'stopped'];

let announced = '';

function show() {
  const fresh = get('link') === 'connected';
  const heard = fresh ? get('guard') : null;
  const guard = heard && !(heard.age_s > SILENT_S) ? heard : null;
  const state = STATES.includes(guard?.state) ? guard.state : 'unknown';
  const bar = at('guard');
  bar.dataset.state = state;
  write(at('guard-state'), say(`state_${state}`));
  const words = pick(guard?.text);
  write(at('guard-text'), words || say(`next_${state}`));
  write(at('guard-holder'), say('moved_by', {
    who: guard?.commander ? nodeName(guard.commander) : say('nobody') }));
  at('reset').disabled = !mayCommand() || !['stopping', 'stopped'].includes(state);
  at('arm').disabled = !mayCommand() || state !== 'disarmed';
  // A bound at work changes many times a second: only states and reasons are read aloud.
  const said = `${say(`state_${state}`)}. ${guard?.reason ? words : ''}`;
  if (said !== announced) { announced = said; write(at('guard-live'), said); }
}

/** Bind the bar at the bottom. */
export function start() {
  for (const topic of ['guard', 'link', 'me']) on(topic, show);
  onLanguage(show);
  at('reset').addEventListener('click', () => attempt(() => post('/api/reset')));
  at('arm').addEventListener('click', () => attempt(() => post('/api/arm')));
}
