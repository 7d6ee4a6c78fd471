// One line that says what came of what was just done; it fades and moves nothing.

let timer = 0;

/** Show a sentence; `kind` is 'plain', 'good' or 'bad'. */
export function notice(text, kind = 'plain') {
  const line = document.getElementById('notice');
  line.textContent = text;
  line.dataset.kind = kind;
  line.dataset.shown = '';
  clearTimeout(timer);
  timer = setTimeout(() => delete line.dataset.shown, kind === 'bad' ? 8000 : 3500);
}
