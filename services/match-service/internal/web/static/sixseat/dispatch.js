// What becomes of a message: it is queued, stored, shown, refused, failed or discarded. Each
// time it is changed in the tray, and what stands behind it in its lane may go.

import { Lanes } from './lanes.js';
import { unconfirmed } from './pending.js';
import { own } from './problem.js';

const MAX_TRIES = 8; // in vain, of one message; with the back-off some 30 s of refusals: then the writer is told
const PATIENCE = 60; // s; where the server asks for a longer wait the writer is told

/** @typedef {import('./pending.js').Item} Item */
/** @typedef {import('./problem.js').Problem} Problem */

export class Dispatch {
  #tray;
  #lanes;
  /** @type {Problem|null} why the room takes none for ever */
  #lost = null;

  /**
   * @param {import('./tray.js').Tray} tray
   * @param {(item: Item) => boolean} transmit false where there is no connection
   */
  constructor(tray, transmit) {
    this.#tray = tray;
    this.#lanes = new Lanes({ next: (inLane) => this.#toSend(inLane), transmit, unanswered: (item) => this.refused(item, unconfirmed()) });
  }

  start() {
    this.#lanes.start();
  }

  stop() {
    this.#lanes.stop();
  }

  /** @param {Item} item */
  queue(item) {
    this.#set(item, { state: 'pending', problem: null });
    if (this.#lost) this.#fail(item, this.#lost);
  }

  /** It will be shown in a moment. @param {Item} item @param {number} seq */
  stored(item, seq) {
    this.#succeeded(item, seq);
    this.#set(item, { state: 'sent', seq });
  }

  /** @param {Item[]} items @param {number} seq under which they are stored */
  shown(items, seq) {
    if (items.length === 0) return;
    for (const item of items) {
      this.#succeeded(item, seq);
      this.#lanes.of(item).rest(item);
    }
    this.#tray.remove(items);
    items.forEach((item) => this.#lanes.of(item).next());
  }

  /** @param {Item} item @param {Problem} problem */
  refused(item, problem) {
    this.#lanes.of(item).rest(item);
    if (!problem.temporary || problem.retryAfter > PATIENCE || ++item.tries >= MAX_TRIES) this.#fail(item, problem);
    else this.#lanes.of(item).wait(problem.retryAfter);
  }

  /** @param {Item} item */
  discard(item) {
    item.reject(own('discarded', 'This message was deleted before it was sent.', { status: 409 }));
    this.#lanes.of(item).rest(item);
    this.#tray.discard(item);
    this.#lanes.of(item).next();
  }

  /** None will ever be stored, nor is kept. @param {Problem} problem */
  lost(problem) {
    this.#lost = problem;
    this.#tray.items.filter(({ state }) => state === 'pending').forEach((item) => this.#fail(item, problem));
  }

  /** @param {(item: Item) => boolean} inLane @returns {Item|undefined} */
  #toSend(inLane) {
    const item = this.#lost ? undefined : this.#tray.items.find((one) => one.state === 'pending' && inLane(one));
    if (!item || !this.#tray.isDiscarded(item)) return item;
    this.discard(item); // in another tab
    return this.#toSend(inLane);
  }

  /** @param {Item} item @param {Problem} problem */
  #fail(item, problem) {
    item.reject(problem);
    this.#set(item, { state: 'failed', problem });
  }

  /** @param {Item} item @param {number} seq */
  #succeeded(item, seq) {
    this.#lanes.of(item).succeeded();
    item.resolve({ seq });
  }

  /** @param {Item} item @param {Partial<Item>} change */
  #set(item, change) {
    this.#lanes.of(item).rest(item);
    this.#tray.set(item, change, !this.#lost);
    this.#lanes.of(item).next();
  }
}
