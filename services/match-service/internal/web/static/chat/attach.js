// A picture that one is about to send: chosen, pasted or dropped; seen before it goes.

import { h } from '../dom.js';
import { readable } from '../readable.js';
import { MAX_BYTES, TYPES } from '../sixseat/upload.js';
import { t } from '../words.js';
import { pasted, picked } from './picking.js';
import { shrunk } from './shrink.js';

/**
 * @param {object} given
 * @param {(picture: Blob, options: {progress: (part: number) => void, signal: AbortSignal}) => Promise<string>} given.upload
 * @param {() => void} given.changed one was chosen, or given up
 * @param {() => void} given.removed by hand: what had the focus is gone
 * @param {(why: string) => void} given.refused what was chosen cannot be sent
 */
export function attachment({ upload, changed, removed, refused }) {
  /** @type {File|undefined} */
  let file;
  /** @type {AbortController|undefined} */
  let going;
  const preview = h('img', { alt: '', onerror: () => file && (clear(), refused(t('problem.imageId'))) }); // the server could not read it either
  const name = h('span', { class: 'name', dir: 'auto' });
  const progress = h('progress', { max: '1', value: '0', hidden: true, 'aria-label': t('picture.uploading') });
  const remove = h('button', { type: 'button', class: 'quiet', 'data-remove-picture': '', onclick: () => (clear(), removed()) }, t('picture.remove'));
  const told = h('p', { class: 'unseen', role: 'status' });
  const node = h('div', { class: 'attachment', hidden: true, 'data-attachment': '' }, preview, name, progress, remove);
  const input = h('input', { type: 'file', accept: TYPES.join(), hidden: true, onchange: () => {
    choose(input.files);
    input.value = ''; // so that the same file can be chosen again
  } });
  const button = h('button', { type: 'button', class: 'quiet attach', 'aria-label': t('picture.add'), title: t('picture.add'), onclick: () => input.click() }, '＋');

  const clear = () => {
    going?.abort();
    URL.revokeObjectURL(preview.src);
    preview.removeAttribute('src');
    file = undefined;
    told.textContent = '';
    node.hidden = progress.hidden = true;
    changed();
  };
  /** @param {Iterable<File>|null|undefined} files @returns {boolean} whether one of them was taken */
  const choose = (files) => {
    const all = [...files ?? []];
    if (all.length === 0 || going) return false;
    const { picture, problem } = picked(all);
    if (!picture) {
      refused(readable(problem));
      return false;
    }
    clear();
    file = picture;
    preview.src = URL.createObjectURL(picture);
    name.textContent = picture.name;
    told.textContent = t('picture.attached', { name: picture.name });
    node.hidden = false;
    changed();
    return true;
  };
  return {
    node,
    told,
    button,
    input,
    clear,
    get chosen() {
      return file !== undefined;
    },
    /** @returns {Promise<{imageId: string, blob: Blob}|null>} null: it was given up meanwhile */
    async send() {
      if (!file) return null;
      const { signal } = going = new AbortController();
      progress.value = 0;
      progress.hidden = false;
      try {
        const blob = file.size > MAX_BYTES ? await shrunk(file) : file;
        return { imageId: await upload(blob, { progress: (part) => { progress.value = part; }, signal }), blob };
      } catch (problem) {
        if (signal.aborted) return null;
        throw problem;
      } finally {
        going = undefined;
        progress.hidden = true;
      }
    },
    /** What is dropped anywhere on it is taken. @param {HTMLElement} target */
    takeDropsOn(target) {
      target.addEventListener('dragover', (event) => event.dataTransfer?.types.includes('Files') && event.preventDefault());
      target.addEventListener('drop', (event) => {
        if (event.dataTransfer?.files.length) event.preventDefault(); // else the browser would leave the page for it
        choose(event.dataTransfer?.files);
      });
    },
    /** @param {HTMLElement} target */
    takePastesInto(target) {
      target.addEventListener('paste', (event) => {
        const data = event.clipboardData;
        if (data && choose(pasted([...data.files], data.getData('text/plain')))) event.preventDefault();
      });
    },
  };
}
