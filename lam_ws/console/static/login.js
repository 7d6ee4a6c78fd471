// Who is there: the login page, the session, and the way out.

import { at, write } from './dom.js';
import { get, on, put } from './state.js';
import { onLanguage, pick, say } from './words.js';
import { adopt, ask, post, Refused } from './protocol.js';
import { attempt, reason } from './attempt.js';

let before = false;     // whether someone was logged in on this page

const why = (error) => (error instanceof Refused ? pick(error.text) : reason(error));

async function submit(event) {
  event.preventDefault();
  at('login-send').disabled = true;
  write(at('login-why'), '');
  try {
    await enter(await post('/api/login', {
      name: at('login-name').value, password: at('login-password').value }));
  } catch (error) { write(at('login-why'), why(error)); }
  at('login-password').value = '';
  at('login-send').disabled = false;
}

async function enter(me) {
  adopt(me.csrf ? me : await ask('/api/me'));
  put('site', await ask('/api/site'));
}

function show(me) {
  document.body.dataset.view = me ? 'cell' : 'login';
  at('login').hidden = Boolean(me);
  for (const id of ['top', 'main', 'bar']) at(id).hidden = !me;
  if (me) {
    before = true;
    write(at('login-why'), '');
    write(at('who'), `${me.name} · ${say(`role_${me.role}`)}`);
  } else {
    if (before) { write(at('login-why'), say('session_over')); adopt_none(); }
    at('login-name').focus({ preventScroll: true });
  }
}

function adopt_none() {
  before = false;
  adopt(null);
}

/** Bind the login page and take up a session that is still open. */
export async function start() {
  on('me', show);
  onLanguage(() => { const me = get('me'); if (me) show(me); });
  at('login-form').addEventListener('submit', submit);
  at('logout').addEventListener('click', async () => {
    await attempt(() => post('/api/logout'));
    before = false;
    adopt(null);
  });
  try { await enter(await ask('/api/me')); } catch { adopt(null); }
}
