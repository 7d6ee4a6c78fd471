// Every word that the page itself says, Korean and English, in one table.
//
// Keys enter, words leave. No other file of the page holds text for people: index.html names keys
// in data-word (what stands in an element) and data-label (its accessible name), code asks say().
// What the cell says comes in both languages from the server and passes through pick().

import { TABLE } from './words_table.js';

const ORDER = ['ko', 'en'];
let language = 'ko';
const listeners = new Set();

// A third language for tests: each word shows its key, so text from elsewhere gives itself away.
const wordOf = (key) => (language === 'keys' ? `[${key}]` : TABLE[key][ORDER.indexOf(language)]);

/** Return the words for a key, with {name} replaced by values.name. */
export function say(key, values = {}) {
  if (!(key in TABLE)) return key;
  return wordOf(key).replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ''));
}

/** Return what people call a node: of '/cell/policy/1a2b' that is the word for 'policy'. */
export function nodeName(path) {
  const name = path.split('/').find((part) => `node_${part}` in TABLE);
  return name ? say(`node_${name}`) : path;
}

/** Return the sentence of {ko, en} in the language of the page; a plain string as it is. */
export function pick(text) {
  if (text === null || text === undefined) return '';
  if (typeof text === 'string') return text;
  return text[language] ?? text.en ?? text.ko ?? '';
}

export const getLanguage = () => language;

/** Speak another language from now on, and remember it on this device. */
export function setLanguage(next, keep = true) {
  language = next;
  document.documentElement.lang = next === 'en' ? 'en' : 'ko';
  if (keep) try { localStorage.setItem('language', next); } catch { /* private window */ }
  fill(document);
  for (const listener of listeners) listener(next);
}

/** Call back whenever the language changes. */
export const onLanguage = (listener) => listeners.add(listener);

/** Return the language that was chosen on this device, else that of the site or browser. */
export function firstLanguage(site = null) {
  let kept = null;
  try { kept = localStorage.getItem('language'); } catch { /* private window */ }
  if (ORDER.includes(kept)) return kept;
  if (ORDER.includes(site)) return site;
  return navigator.language.startsWith('ko') ? 'ko' : 'en';
}

/** Put words into everything under `root` that names a key. */
export function fill(root) {
  for (const element of root.querySelectorAll('[data-word]')) {
    element.textContent = say(element.dataset.word);
  }
  for (const element of root.querySelectorAll('[data-label]')) {
    element.setAttribute('aria-label', say(element.dataset.label));
  }
  for (const element of root.querySelectorAll('[data-hint]')) {
    element.setAttribute('placeholder', say(element.dataset.hint));
  }
}
