// What the page knows, one value a topic, and who wants to hear of it.
//
// protocol.js puts what the server says here; each panel listens to the topics it shows. A panel
// never asks another panel: it reads the topic.

const values = new Map();
const listeners = new Map();

/** Keep a value and tell everyone who listens to the topic. */
export function put(topic, value) {
  values.set(topic, value);
  for (const listener of listeners.get(topic) ?? []) listener(value);
}

/** Return the newest value of a topic, undefined before there is one. */
export const get = (topic) => values.get(topic);

/** Call back with the newest value of a topic, at once if there is one, and on every change. */
export function on(topic, listener) {
  if (!listeners.has(topic)) listeners.set(topic, new Set());
  listeners.get(topic).add(listener);
  if (values.has(topic)) listener(values.get(topic));
}

/** Return whether the guard obeys this page's hand: the page has it and the guard took it. */
export const handIsOurs = () => Boolean(values.get('teleop')?.mine && values.get('teleop').holds);

/** Return whether the person who is logged in may command the cell. */
export const mayCommand = () => ['operator', 'engineer'].includes(values.get('me')?.role);
