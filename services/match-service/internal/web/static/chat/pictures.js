// Pictures of a room: fetched when they come onto the screen, and shown large when asked.

import { h } from '../dom.js';
import { t } from '../words.js';

const SIDE = 320; // px; no side is longer in the conversation
const KEPT = 40; // pictures in memory at a time; others are fetched again when they are opened

/** @typedef {import('../sixseat.js').Picture} Picture */

export class Pictures {
  #load;
  /** @type {Map<string, Promise<string>>} addresses of blobs by image id; used last is last */
  #urls = new Map();
  /** @type {WeakMap<Element, () => void>} what to do when it is seen */
  #unseen = new WeakMap();
  #watch = new IntersectionObserver((entries) => entries.filter(({ isIntersecting }) => isIntersecting).forEach(({ target }) => {
    this.#watch.unobserve(target);
    this.#unseen.get(target)?.();
  }));
  /** @type {HTMLDialogElement|undefined} */
  #viewer;
  #closed = false;

  /** @param {(imageId: string) => Promise<Blob>} load */
  constructor(load) {
    this.#load = load;
  }

  /** One that this page has uploaded is not fetched. @param {string} imageId @param {Blob} blob */
  keep(imageId, blob) {
    if (!this.#closed) this.#put(imageId, Promise.resolve(URL.createObjectURL(blob)));
  }

  /**
   * Its place is reserved before it is there, so that nothing jumps.
   * @param {Picture} picture
   * @param {string} alt
   */
  show({ imageId, width, height }, alt) {
    const image = h('img', { alt, hidden: true });
    const wait = h('span', {}, t('picture.loading'));
    const load = () => {
      wait.textContent = t('picture.loading');
      this.#url(imageId).then((url) => {
        image.src = url;
        image.hidden = false;
        wait.remove();
      }, (problem) => {
        console.info('picture', problem);
        wait.textContent = t('picture.failed');
      });
    };
    const node = h('button', { class: 'picture', type: 'button', 'data-picture': imageId, onclick: () => (image.hidden ? load() : this.#open(imageId, alt)) }, image, wait);
    node.style.width = `${Math.ceil(width * Math.min(1, SIDE / width, SIDE / height))}px`; // no attribute: the policy refuses those
    node.style.aspectRatio = `${width} / ${height}`;
    node.style.maxHeight = `${SIDE}px`; // a narrow one is widened to a thumb, and would grow with that
    this.#unseen.set(node, load);
    this.#watch.observe(node);
    return node;
  }

  close() {
    this.#closed = true;
    this.#watch.disconnect();
    this.#viewer?.close();
    this.#urls.forEach(forget);
    this.#urls.clear();
  }

  /** @param {string} imageId @param {string} alt */
  #open(imageId, alt) {
    const image = h('img', { alt });
    const viewer = h('dialog', { class: 'viewer', 'aria-label': alt, onclick: () => viewer.close(), onclose: () => viewer.remove() },
      image, h('button', { class: 'quiet' }, t('picture.close')));
    this.#viewer = viewer;
    document.body.append(viewer);
    viewer.showModal();
    this.#url(imageId).then((url) => { image.src = url; }, () => viewer.close());
  }

  /** @param {string} imageId */
  #url(imageId) {
    const url = this.#urls.get(imageId) ?? this.#load(imageId).then((blob) => URL.createObjectURL(blob));
    url.catch(() => this.#urls.delete(imageId)); // the next who asks tries again
    this.#put(imageId, url);
    return url;
  }

  /** @param {string} imageId @param {Promise<string>} url */
  #put(imageId, url) {
    this.#urls.delete(imageId);
    this.#urls.set(imageId, url);
    const [[oldest, unused]] = this.#urls;
    if (this.#urls.size <= KEPT) return;
    this.#urls.delete(oldest);
    forget(unused);
  }
}

/** What shows it goes on showing it. @param {Promise<string>} url */
function forget(url) {
  url.then((address) => URL.revokeObjectURL(address), () => {});
}
