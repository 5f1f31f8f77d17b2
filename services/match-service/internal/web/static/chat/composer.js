// Where one writes.

import { h } from '../dom.js';
import { line } from '../line.js';
import { t } from '../words.js';
import { attachment } from './attach.js';

const MAX = 2000; // code points, as the server counts; maxlength would count UTF-16 units
const COUNT_FROM = 1800;

/**
 * @param {object} given
 * @param {import('./draft.js').Draft} given.draft
 * @param {Parameters<import('./draft.js').Draft['send']>[0]} given.to
 * @param {() => void} given.typing called with each change
 */
export function composer({ draft, to, typing }) {
  const error = line({ id: 'message-error' });
  const count = h('span', { class: 'count', id: 'message-count', 'data-count': '' });
  const button = /** @type {HTMLButtonElement} */ (h('button', { class: 'primary' }, t('chat.send')));
  const input = /** @type {HTMLTextAreaElement} */ (h('textarea', {
    id: 'message', rows: '1', 'aria-label': t('chat.message'),
    'aria-describedby': 'message-error message-count', enterkeyhint: 'send', dir: 'auto',
  }));
  const picture = attachment({
    draft,
    taken: () => matchMedia('(pointer: coarse)').matches || input.focus(), // on a phone the keyboard would come with it
    removed: () => input.focus(),
  });

  const show = () => {
    const length = [...draft.text.trim()].length;
    if (input.value !== draft.text) input.value = draft.text;
    input.readOnly = draft.uploading;
    input.placeholder = draft.picture ? t('picture.caption') : t('chat.placeholder');
    count.textContent = length >= COUNT_FROM ? t('chat.count', { n: length, max: MAX }) : '';
    count.toggleAttribute('data-over', length > MAX);
    picture.show();
    if (draft.problem) error.show(draft.problem);
    else error.say('');
  };
  /** @param {Event} event */
  const submit = async (event) => {
    event.preventDefault();
    if (draft.uploading) return;
    draft.text = input.value; // also what came there without a key
    const text = draft.text.trim();
    const length = [...text].length;
    if (!text && !draft.picture) return;
    if (length > MAX) return error.say(t('chat.tooLong', { n: length - MAX, max: MAX }));
    await draft.send(to);
    if (at(node)) input.focus(); // a phone's keyboard stays where it is; who went elsewhere meanwhile stays there
  };
  input.addEventListener('input', () => {
    draft.write(input.value);
    if (input.value.trim()) typing();
  });
  input.addEventListener('keydown', (event) => sends(event) && submit(event));
  draft.changed = show;
  show();

  picture.takePastesInto(input);
  const node = h('form', { class: 'composer', onsubmit: submit },
    error.node, picture.told, picture.node, h('div', { class: 'row' }, picture.button, picture.input, input, count, button));
  /** @param {boolean} on */
  const enable = (on) => {
    input.disabled = !on;
    button.disabled = !on;
    picture.button.disabled = !on;
  };
  const close = () => {
    draft.leave(show);
    picture.close();
  };
  return { node, input, enable, takeDropsOn: picture.takeDropsOn, close };
}

/** Whether the focus is there, or was on what is gone. @param {HTMLElement} node */
const at = (node) => document.activeElement === document.body || node.contains(document.activeElement);

/**
 * Whether a key sends. Enter also ends a composition (Korean, Japanese, Chinese); Safari
 * reports that one after the composition is over, and its key code alone gives it away.
 * @param {Pick<KeyboardEvent, 'key'|'shiftKey'|'isComposing'|'keyCode'>} event
 */
export function sends({ key, shiftKey, isComposing, keyCode }) {
  return key === 'Enter' && !shiftKey && !isComposing && keyCode !== 229;
}
