// The one place that talks to the server: POST and GET under /api, and the WebSocket.
//
// Calls enter, topics of state.js leave. Whatever the server calls a thing is known here only; the
// page's documentation of it is docs/console_protocol.md.

import { put, get } from './state.js';

const RETRY_MS = [250, 500, 1000, 2000, 4000];
const LATE_MS = 1000;     // without a state after which what is shown is marked as late

let csrf = '';
let socket = null;
let retries = 0;
let wanted = false;
let heardAt = 0;
let sequence = 0;

/** A refusal of the server, with its code and words in both languages. */
export class Refused extends Error {
  constructor(status, body) {
    super(typeof body.error === 'string' ? body.error : `${status}`);
    this.status = status;
    this.text = body.text ?? this.message;
    this.retry_s = body.retry_s ?? null;
  }
}

/** Fetch JSON from the server; throws Refused, or TypeError where it cannot be reached. */
export async function call(method, path, body = undefined, extra = {}) {
  const headers = { Accept: 'application/json' };
  if (csrf) headers['X-CSRF-Token'] = csrf;
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  const answer = await fetch(path, {
    method, headers, credentials: 'same-origin', cache: 'no-store',
    body: body === undefined ? undefined : JSON.stringify(body), ...extra });
  const text = await answer.text();
  const data = text && answer.headers.get('Content-Type')?.includes('json') ? JSON.parse(text) : {};
  if (!answer.ok) {
    if (answer.status === 401 && path !== '/api/login') put('me', null);
    throw new Refused(answer.status, data);
  }
  return data;
}

export const post = (path, body = {}, extra = {}) => call('POST', path, body, extra);
export const ask = (path) => call('GET', path);

/** Take over who is logged in; null ends the session on this page. */
export function adopt(me) {
  csrf = me?.csrf ?? '';
  put('me', me);
  if (me) open(); else shut();
}

/** Open the WebSocket and keep it open. */
function open() {
  wanted = true;
  if (socket) return;
  put('link', 'connecting');
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  const mine = new WebSocket(`${scheme}://${location.host}/ws`);
  socket = mine;
  mine.binaryType = 'arraybuffer';
  mine.onopen = () => mine.send(JSON.stringify({ type: 'hello', csrf }));
  mine.onmessage = (event) => {
    if (mine !== socket) return;
    if (typeof event.data === 'string') hear(JSON.parse(event.data));
    else seeFrame(event.data);
  };
  mine.onclose = () => { if (mine === socket) lost(); };
}

function shut() {
  wanted = false;
  const old = socket;
  socket = null;
  old?.close();
  put('link', 'disconnected');
}

function lost() {
  socket = null;
  put('link', 'disconnected');
  if (!wanted) return;
  const wait_ms = RETRY_MS[Math.min(retries++, RETRY_MS.length - 1)];
  setTimeout(async () => {
    if (!wanted || socket) return;
    // A session that is over answers 401, which brings the login page.
    try { adopt(await ask('/api/me')); } catch (error) {
      if (!(error instanceof Refused && error.status === 401)) lost();
    }
  }, wait_ms);
}

function hear(message) {
  if (message.type === 'state') {
    retries = 0;
    heardAt = performance.now();
    if (get('link') !== 'connected') put('link', 'connected');
    for (const topic of ['joints', 'command', 'guard', 'scene', 'task', 'record', 'teleop']) {
      if (topic in message) put(topic, message[topic]);
    }
  } else put(message.type, message);
}

// A frame: two bytes with the length of a JSON header {camera, stamp_s}, the header, the JPEG.
function seeFrame(buffer) {
  const length = new DataView(buffer).getUint16(0);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 2, length)));
  put('frame', { ...header, jpeg: new Blob([new Uint8Array(buffer, 2 + length)],
    { type: 'image/jpeg' }) });
}

/** Send a message over the WebSocket; returns whether it could be handed over. */
export function tell(message) {
  if (socket?.readyState !== WebSocket.OPEN) return false;
  // What waits in the browser would arrive as an old wish; better none.
  if (message.type === 'jog' && socket.bufferedAmount > 4096) return false;
  try { socket.send(JSON.stringify(message)); } catch { return false; }
  return true;
}

/** Send a jog; it counts for a tenth of a second. */
export const jog = (wish) => tell({ type: 'jog', ...wish, sequence: ++sequence });

/** Ask for STOP by both ways at once; resolves to whether one of them took it. */
export async function stop() {
  const told = tell({ type: 'stop' });
  try {
    await post('/api/stop', {}, { keepalive: true });
    return true;
  } catch { return told; }
}

setInterval(() => {
  if (get('link') === 'connected' && performance.now() - heardAt > LATE_MS) put('link', 'late');
}, 250);
