// One instruction at a time: what was said, how far it is, the plan and what it rests on, a
// question with its options, and why.

import { at, make, write } from './dom.js';
import { get, mayCommand, on } from './state.js';
import { getLanguage, onLanguage, pick, say } from './words.js';
import { post } from './protocol.js';
import { attempt } from './attempt.js';
import { remember, start as startHistory } from './history.js';

const OPEN = ['sending', 'grounding', 'asking', 'running'];
const WHY = { ko: '왜?', en: 'why?' };

let sending = false;
let began = 0;          // ms, when this page first saw the instruction that is open
let asked = '';         // number and text of the question whose options are shown
let ended = '';         // episode whose end is in the history already

function phaseOf(task) {
  if (sending) return 'sending';
  return task?.phase || 'idle';
}

function show() {
  const task = get('task');
  const phase = phaseOf(task);
  const card = at('task');
  card.dataset.phase = phase;
  write(at('task-phase'), say(`phase_${phase}`));
  write(at('task-said'), task?.instruction ?? '');
  write(at('task-text'), pick(task?.text) || (phase === 'idle' ? say('idle_text') : ''));
  const steps = task?.steps ?? 0;
  const open = OPEN.includes(phase);
  if (!open) began = 0; else if (!began) began = performance.now();
  write(at('task-step'), [
    open && steps > 0
      ? say('step_of', { i: Math.min((task.step ?? 0) + 1, steps), n: steps }) : '',
    open ? say('so_far', { n: Math.floor((performance.now() - began) / 1000) }) : '',
  ].filter(Boolean).join(' · '));
  const share = phase === 'succeeded' ? 1 : task?.progress ?? 0;
  at('task-progress').value = share;
  at('cancel').disabled = !mayCommand() || !OPEN.includes(phase);
  at('send').disabled = !mayCommand() || OPEN.includes(phase);
  at('instruction').disabled = !mayCommand();
  at('why').disabled = phase === 'idle' || (phase === 'asking' && !mayCommand());
  ask(phase === 'asking' ? task : null);
  plan();
  settle(task);
}

function ask(task) {
  const box = at('question');
  const key = task ? `${task.asked} ${pick(task.question)} ${getLanguage()}` : '';
  if (key === asked) return;
  asked = key;
  box.hidden = !task;
  if (!task) return;
  write(at('question-text'), pick(task.question));
  const options = task.options ?? [];
  const choices = options.length ? options.map((text, i) => [String(i + 1), pick(text)])
    : [[say('yes'), say('yes')], [say('no'), say('no')]];
  at('options').replaceChildren(...choices.map(([text, shown]) =>
    make('button', { type: 'button', class: 'option', onclick: () => reply(text) }, shown)));
  at('options').querySelector('button')?.focus({ preventScroll: true });
}

async function reply(text) {
  const task = get('task');
  if (!text || task?.phase !== 'asking') return;
  await attempt(() => post('/api/reply', { asked: task.asked, text }));
  at('reply-text').value = '';
}

function stepsOf() {
  const task = get('task');
  const known = get('plan');
  if (known?.steps?.length && (!task?.episode_id || known.episode_id === task.episode_id)) {
    return known.steps.map((step) => ({ text: pick(step.text), citations: step.citations ?? [] }));
  }
  return [];
}

let because = null;     // the cell's answer to why
let planned = '';
function plan() {
  const task = get('task');
  const steps = stepsOf();
  const mine = (one) => one && one.episode_id === task?.episode_id;
  if (because && !mine(because)) because = null;
  const known = [because, get('result'), get('plan')].filter(mine);
  const cited = known.find((one) => one.citations?.length)?.citations ?? [];
  write(at('why-text'), because ? pick(because.text) : '');
  const key = JSON.stringify([steps, cited, task?.step, task?.phase, getLanguage()]);
  if (key === planned) return;
  planned = key;
  at('plan').hidden = !steps.length;
  at('plan-steps').replaceChildren(...steps.map((step, i) => {
    const done = task?.phase === 'succeeded' || i < (task?.step ?? 0);
    const now = !done && i === task?.step && OPEN.includes(task?.phase);
    return make('li', { 'data-state': done ? 'done' : now ? 'now' : 'next' }, step.text);
  }));
  const all = [...new Set([...steps.flatMap((step) => step.citations), ...cited])];
  at('why-list').replaceChildren(...all.map((line) => make('li', {}, line)));
  at('sources').hidden = !all.length && !because;
}

function settle(task) {
  if (!task?.episode_id || OPEN.includes(task.phase) || ended === task.episode_id) return;
  ended = task.episode_id;
  remember({ text: task.instruction, phase: task.phase, answer: pick(task.text) });
}

async function send(event) {
  event.preventDefault();
  const text = at('instruction').value.trim();
  if (!text || at('send').disabled) return;
  sending = true;
  at('sources').open = false;
  show();
  const taken = await attempt(() => post('/api/instruct', { text, language: 'auto' }));
  if (taken) at('instruction').value = '';
  // Until the cell tells of it; a refusal leaves things as they were.
  setTimeout(() => { sending = false; show(); }, taken ? 400 : 0);
}

// A question is explained by the cell itself, everything else by what the console knows of it.
async function explain() {
  if (get('task')?.phase === 'asking') { reply(WHY[getLanguage()] ?? WHY.en); return; }
  const answer = await attempt(() => post('/api/why'));
  if (!answer) return;
  because = answer;
  show();
  at('sources').open = true;
  at('sources').scrollIntoView({ block: 'nearest' });
}

/** Bind the page 'work'. */
export function start() {
  at('instruct').addEventListener('submit', send);
  at('cancel').addEventListener('click', () => attempt(() => post('/api/cancel')));
  at('why').addEventListener('click', explain);
  at('reply').addEventListener('submit', (event) => {
    event.preventDefault();
    reply(at('reply-text').value.trim());
  });
  startHistory((text) => { at('instruction').value = text; at('instruction').focus(); });
  for (const topic of ['task', 'plan', 'result', 'me']) on(topic, show);
  onLanguage(show);
}
