// Where one writes.

import { h } from '../dom.js';
import { line } from '../line.js';
import { t } from '../words.js';
import { attachment } from './attach.js';

const MAX = 2000; // code points, as the server counts; maxlength would count UTF-16 units
const COUNT_FROM = 1800;

/**
 * What is half written stays with its room while the page is open.
 * @type {Map<string, string>}
 */
const drafts = new Map();

/**
 * @param {object} given
 * @param {string} given.roomId
 * @param {(text: string, imageId?: string) => void} given.send may throw a problem for the writer
 * @param {Parameters<typeof attachment>[0]['upload']} given.upload
 * @param {(imageId: string, blob: Blob) => void} given.uploaded
 * @param {() => void} given.typing called with each change
 */
export function composer({ roomId, send, upload, uploaded, typing }) {
  const error = line({ id: 'message-error' });
  const count = h('span', { class: 'count', id: 'message-count', 'data-count': '' });
  const button = /** @type {HTMLButtonElement} */ (h('button', { class: 'primary' }, t('chat.send')));
  const input = /** @type {HTMLTextAreaElement} */ (h('textarea', {
    id: 'message', rows: '1', placeholder: t('chat.placeholder'), 'aria-label': t('chat.message'),
    'aria-describedby': 'message-error message-count', enterkeyhint: 'send', dir: 'auto',
  }));

  const picture = attachment({
    upload,
    removed: () => input.focus(),
    refused: error.say,
    changed() {
      error.say('');
      input.placeholder = picture.chosen ? t('picture.caption') : t('chat.placeholder');
      if (picture.chosen && !matchMedia('(pointer: coarse)').matches) input.focus(); // on a phone the keyboard would come with it
    },
  });

  /** @param {Event} event */
  const submit = async (event) => {
    event.preventDefault();
    const text = input.value.trim();
    const length = [...text].length;
    if ((!text && !picture.chosen) || input.readOnly) return;
    if (length > MAX) return error.say(t('chat.tooLong', { n: length - MAX, max: MAX }));
    try {
      if (!picture.chosen) send(text);
      else if (!(await sendPicture(text))) return;
      input.value = '';
      changed();
    } catch (problem) {
      error.show(problem);
    }
    input.focus(); // a phone's keyboard stays where it is
  };
  /** @param {string} caption @returns {Promise<boolean>} false: it was given up */
  const sendPicture = async (caption) => {
    error.say('');
    input.readOnly = true; // what is written is its caption until it is there
    try {
      const sent = await picture.send();
      if (!sent) return false;
      uploaded(sent.imageId, sent.blob);
      send(caption, sent.imageId);
      picture.clear();
      return true;
    } finally {
      input.readOnly = false;
    }
  };
  const changed = () => {
    const length = [...input.value.trim()].length;
    count.textContent = length >= COUNT_FROM ? t('chat.count', { n: length, max: MAX }) : '';
    count.toggleAttribute('data-over', length > MAX);
    error.say('');
    if (input.value) drafts.set(roomId, input.value);
    else drafts.delete(roomId);
  };
  input.addEventListener('input', () => {
    changed();
    if (input.value.trim()) typing();
  });
  input.addEventListener('keydown', (event) => sends(event) && submit(event));
  input.value = drafts.get(roomId) ?? '';
  changed();

  picture.takePastesInto(input);
  const node = h('form', { class: 'composer', onsubmit: submit },
    error.node, picture.told, picture.node, h('div', { class: 'row' }, picture.button, picture.input, input, count, button));
  /** @param {boolean} on */
  const enable = (on) => {
    input.disabled = !on;
    button.disabled = !on;
    picture.button.disabled = !on;
  };
  return { node, input, enable, takeDropsOn: picture.takeDropsOn, close: picture.clear };
}

/**
 * Whether a key sends. Enter also ends a composition (Korean, Japanese, Chinese); Safari
 * reports that one after the composition is over, and its key code alone gives it away.
 * @param {Pick<KeyboardEvent, 'key'|'shiftKey'|'isComposing'|'keyCode'>} event
 */
export function sends({ key, shiftKey, isComposing, keyCode }) {
  return key === 'Enter' && !shiftKey && !isComposing && keyCode !== 229;
}
