// Messages on their way: each keeps its idempotency key until the room shows it, so that
// however often it is sent it is stored once.

import { Dispatch } from './dispatch.js';
import { Tray } from './tray.js';

const RECEIPT = 'send-';

/** @typedef {import('./pending.js').Item} Item */
/** @typedef {import('./problem.js').Problem} Problem */

export class Outbox {
  #tray;
  #dispatch;

  /** @param {ConstructorParameters<typeof Tray>[0] & {transmit: (item: Item, receipt: string) => boolean}} given transmit: false where there is no connection */
  constructor({ transmit, ...given }) {
    this.#tray = new Tray(given);
    this.#dispatch = new Dispatch(this.#tray, (item) => transmit(item, RECEIPT + item.key));
  }

  /** @returns {import('./pending.js').Pending[]} */
  get items() {
    return this.#tray.items;
  }

  /** @returns {boolean} whether any is to be sent without anybody's doing */
  get busy() {
    return this.items.some(({ state }) => state === 'pending');
  }

  /**
   * @param {string} text
   * @param {string} [imageId]
   * @returns {Promise<{seq: number}>} once it is stored; rejects when it failed or nobody here waits any more. It need not be awaited.
   */
  add(text, imageId) {
    const item = this.#tray.add(text, imageId);
    this.#dispatch.queue(item);
    return item.stored;
  }

  /** @param {string} key of a failed one: sent again under the same key */
  retry(key) {
    const item = this.#tray.find(key);
    if (item?.state !== 'failed') return;
    item.tries = 0;
    this.#dispatch.queue(item);
  }

  /** @param {string} key of a failed one that the writer gives up */
  discard(key) {
    const item = this.#tray.find(key);
    if (item?.state === 'failed') this.#dispatch.discard(item);
  }

  /** There is a connection: what was not confirmed goes out again, in the order it was written. */
  connected() {
    this.#dispatch.start();
  }

  /** The connection is gone, and with it all answers that were due. */
  disconnected() {
    this.#dispatch.stop();
  }

  /** None of these will be sent from here. @param {Problem} problem */
  abandon(problem) {
    this.disconnected();
    this.#tray.items.forEach(({ reject }) => reject(problem)); // of stored ones it is resolved already
  }

  /** None will ever be stored, nor is kept. @param {Problem} problem */
  lost(problem) {
    this.#dispatch.lost(problem);
  }

  /** @param {string} key @param {number} seq @param {number} lastSeq what the room shows already */
  receipted(key, seq, lastSeq) {
    const item = this.#tray.find(key);
    if (!item) return; // the message itself was faster
    if (seq <= lastSeq) this.#dispatch.shown([item], seq);
    else this.#dispatch.stored(item, seq);
  }

  /** @param {string|undefined} receipt @param {Problem} problem @returns {boolean} whether it was about one of these */
  refused(receipt, problem) {
    const item = receipt?.startsWith(RECEIPT) ? this.#tray.find(receipt.slice(RECEIPT.length)) : undefined;
    if (item) this.#dispatch.refused(item, problem);
    return Boolean(item);
  }

  /** @param {{seq: number, idempotencyKey?: string}[]} messages of this member, now shown by the room: live or as history */
  shown(messages) {
    for (const { seq, idempotencyKey } of messages) {
      this.#dispatch.shown(this.#tray.items.filter((item) => item.key === idempotencyKey || item.seq === seq), seq);
    }
  }
}
