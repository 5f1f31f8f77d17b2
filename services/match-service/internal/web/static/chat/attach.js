// The picture of a draft: chosen, pasted or dropped; seen before it goes, and while it goes.

import { h } from '../dom.js';
import { own } from '../sixseat/problem.js';
import { TYPES } from '../sixseat/upload.js';
import { t } from '../words.js';
import { pasted, picked } from './picking.js';

/**
 * @param {object} given
 * @param {import('./draft.js').Draft} given.draft
 * @param {() => void} given.taken one was chosen
 * @param {() => void} given.removed by hand: what had the focus is gone
 */
export function attachment({ draft, taken, removed }) {
  /** @type {File|undefined} what is seen */
  let seen;
  const unreadable = () => {
    if (!seen) return;
    draft.take();
    draft.refuse(own('imageId', 'The picture cannot be read.')); // the server could not read it either
  };
  const preview = h('img', { alt: '', onerror: unreadable });
  const name = h('span', { class: 'name', dir: 'auto' });
  const progress = h('progress', { max: '1', value: '0', hidden: true, 'aria-label': t('picture.uploading') });
  const remove = h('button', { type: 'button', class: 'quiet', 'data-remove-picture': '', onclick: () => (draft.take(), removed()) }, t('picture.remove'));
  const told = h('p', { class: 'unseen', role: 'status' });
  const node = h('div', { class: 'attachment', hidden: true, 'data-attachment': '' }, preview, name, progress, remove);
  const input = h('input', { type: 'file', accept: TYPES.join(), hidden: true, onchange: () => {
    choose(input.files);
    input.value = ''; // so that the same file can be chosen again
  } });
  const button = h('button', { type: 'button', class: 'quiet attach', 'aria-label': t('picture.add'), title: t('picture.add'), onclick: () => input.click() }, '＋');

  /** @param {File} [picture] */
  const see = (picture) => {
    seen = picture;
    URL.revokeObjectURL(preview.src);
    if (picture) preview.src = URL.createObjectURL(picture);
    else preview.removeAttribute('src');
    name.textContent = picture?.name ?? '';
    told.textContent = picture ? t('picture.attached', { name: picture.name }) : '';
    node.hidden = !picture;
  };
  const show = () => {
    if (draft.picture !== seen) see(draft.picture);
    progress.hidden = !draft.uploading;
    progress.value = draft.part;
  };
  /** @param {Iterable<File>|null|undefined} files @returns {boolean} whether one of them was taken */
  const choose = (files) => {
    const all = [...files ?? []];
    if (all.length === 0) return false;
    const { picture, problem } = draft.uploading ? { picture: undefined, problem: busy() } : picked(all);
    if (!picture) {
      draft.refuse(problem);
      return false;
    }
    draft.take(picture);
    taken();
    return true;
  };
  return {
    node,
    told,
    button,
    input,
    show,
    close: () => see(),
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

const busy = () => own('picture-busy', 'A picture is still going up.', { status: 409 });
