// Where one writes.

import { h } from './dom.js';
import { line } from './line.js';

const MAX = 2000; // code points, as the server counts; maxlength would count UTF-16 units
const COUNT_FROM = 1800;

/**
 * @param {(text: string) => void} send may throw an error with a message for the writer
 * @returns {{node: HTMLElement, input: HTMLElement, enable: (on: boolean) => void}}
 */
export function composer(send) {
  const error = line({ id: 'message-error' });
  const count = h('span', { class: 'count', 'aria-hidden': 'true' });
  const button = h('button', { class: 'primary' }, 'Send');
  const input = h('textarea', {
    id: 'message', rows: '1', placeholder: 'Say something…', 'aria-label': 'Your message',
    'aria-describedby': 'message-error', enterkeyhint: 'send', dir: 'auto',
  });

  const submit = (event) => {
    event?.preventDefault();
    const text = input.value.trim();
    if (!text) return;
    const length = [...text].length;
    if (length > MAX) return error.say(`That is ${length - MAX} characters too long; ${MAX} fit into one message.`);
    try {
      send(text);
      input.value = '';
      changed();
    } catch (problem) {
      error.say(problem.message);
    }
  };
  const changed = () => {
    const length = [...input.value.trim()].length;
    count.textContent = length >= COUNT_FROM ? `${length} / ${MAX}` : '';
    error.say('');
  };
  input.addEventListener('input', changed);
  input.addEventListener('keydown', (event) => {
    // Enter also ends a composition (Korean, Japanese, Chinese). Safari reports that one
    // after the composition is over; its key code alone gives it away.
    const composing = event.isComposing || event.keyCode === 229;
    if (event.key === 'Enter' && !event.shiftKey && !composing) submit(event);
  });

  const node = h('form', { class: 'composer', onsubmit: submit },
    error.node, h('div', { class: 'row' }, input, count, button));
  const enable = (on) => {
    input.disabled = !on;
    button.disabled = !on;
  };
  return { node, input, enable };
}
