// The messages of one room that are on their way, in the order in which they were written:
// each change is told, and kept, so that a reload loses none.

import { newItem, newKey } from './pending.js';
import { own } from './problem.js';

const MAX_PENDING = 20; // more than one writes in a tunnel, and few enough to go one by one behind it

/** @typedef {import('./pending.js').Pending} Pending */
/** @typedef {import('./pending.js').Item} Item */

export class Tray {
  /** @type {Item[]} */
  items;
  #changed;
  #kept;

  /**
   * @param {object} given
   * @param {(items: Pending[]) => void} given.changed
   * @param {Pick<import('./unsent.js').Unsent, 'all'|'put'|'drop'|'discard'|'isDiscarded'>} given.kept what an earlier visit did not get sent is taken up
   */
  constructor({ changed, kept }) {
    this.#changed = changed;
    this.#kept = kept;
    this.items = kept.all().map(({ key, text, at, imageId, problem }) => {
      const item = newItem(key, text, at, imageId);
      return problem ? Object.assign(item, { state: 'failed', problem }) : item;
    });
  }

  /** @param {string} key */
  find(key) {
    return this.items.find((item) => item.key === key);
  }

  /** Puts in a new one; set() tells of it. @param {string} text @param {string} [imageId] */
  add(text, imageId) {
    if (this.items.length >= MAX_PENDING) {
      throw own('outbox-full', `${MAX_PENDING} messages are still on their way. Please wait until they are sent.`, { status: 429 });
    }
    const item = newItem(newKey(), text, Math.max(Date.now(), (this.items.at(-1)?.at ?? 0) + 1), imageId);
    this.items.push(item);
    return item;
  }

  /** @param {Item} item @param {Partial<Item>} change @param {boolean} keep as long as it is not stored */
  set(item, change, keep) {
    Object.assign(item, change);
    if (keep && item.state !== 'sent') this.#kept.put(item);
    else this.#kept.drop(item.key);
    this.#changed(this.items);
  }

  /** The room shows them. @param {Item[]} gone */
  remove(gone) {
    gone.forEach(({ key }) => this.#kept.drop(key));
    this.#without(gone);
  }

  /** Its writer gives it up; other tabs have to know. @param {Item} item */
  discard(item) {
    this.#kept.discard(item.key);
    this.#without([item]);
  }

  /** @param {Item} item @returns {boolean} whether another tab has discarded it */
  isDiscarded({ key }) {
    return this.#kept.isDiscarded(key);
  }

  /** @param {Item[]} gone */
  #without(gone) {
    this.items = this.items.filter((item) => !gone.includes(item));
    this.#changed(this.items);
  }
}
