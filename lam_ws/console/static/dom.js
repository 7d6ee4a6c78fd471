// Elements from code, in one short call. Text becomes text nodes, never markup.

/** Return an element; `attributes` may hold data, on* listeners and properties such as hidden. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** Return the element with an id. */
export const at = (id) => document.getElementById(id);

/** Write text only where it changed, so that nothing is laid out or read aloud for nothing. */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Return a number in a fixed number of digits, or a dash. */
export function digits(value, places) {
  if (!Number.isFinite(value)) return '–';
  const text = value.toFixed(places);
  return Number(text) === 0 ? text.replace('-', '') : text;
}

/** Return a stamp of seconds since 1970 as local date and time. */
export function clock(stamp_s, language) {
  if (!Number.isFinite(stamp_s)) return '–';
  return new Date(stamp_s * 1000).toLocaleString(language === 'en' ? 'en-GB' : 'ko-KR',
    { month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' });
}

/** Return a button whose words are kept in the table. */
export const button = (word, attributes = {}) => {
  const element = make('button', { type: 'button', ...attributes });
  element.dataset.word = word;
  return element;
};
