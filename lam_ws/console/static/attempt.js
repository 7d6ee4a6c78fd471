// One request that a person asked for: what goes wrong with it is said in words.

import { on } from './state.js';
import { notice } from './notice.js';
import { pick, say } from './words.js';
import { Refused } from './protocol.js';

/** Return what a failed request should tell the person. */
export function reason(error) {
  if (!(error instanceof Refused)) return say('no_answer');
  return pick(error.text) || say('failed_request', { why: error.message });
}

/** Run a request; returns its answer, or null after it said what went wrong. */
export async function attempt(request) {
  try { return await request(); } catch (error) {
    notice(reason(error), 'bad');
    return null;
  }
}

/** Say what the server refuses over the WebSocket too. */
export function start() {
  on('error', (error) => notice(pick(error.text) || error.error, 'bad'));
}
