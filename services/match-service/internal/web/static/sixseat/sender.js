// When a message goes out: one at a time, and none for a while where the server has too much
// to do. Of two on their way the second may be stored and the first refused, and then their
// order is lost.

import { backoff } from './backoff.js';

const NO_ANSWER = 20_000; // ms without receipt or refusal, on a connection that lives

/** @typedef {import('./pending.js').Item} Item */

export class Sender {
  #given;
  #attempt = 0; // of the back-off
  /** @type {Item|undefined} whose answer is due */
  #sent;
  /** @type {ReturnType<typeof setTimeout>|undefined} until when that is waited for */
  #patience;
  /** @type {ReturnType<typeof setTimeout>|undefined} set while nothing is sent */
  #pause;

  /**
   * @param {object} given
   * @param {() => Item|undefined} given.next which is to go
   * @param {(item: Item) => boolean} given.transmit false where there is no connection
   * @param {(item: Item) => void} given.unanswered
   */
  constructor(given) {
    this.#given = given;
  }

  /** There is a connection, or a pause is over. */
  start() {
    this.#resume();
    this.next();
  }

  /** The connection is gone, and with it all answers that were due. */
  stop() {
    this.#resume();
    if (this.#sent) this.rest(this.#sent);
  }

  /** Sends the next, if it is time. */
  next() {
    if (this.#sent || this.#pause !== undefined) return;
    const item = this.#given.next();
    if (!item || this.#sent) return; // looking for it may have sent it
    this.#sent = item;
    this.#patience = setTimeout(() => this.#given.unanswered(item), NO_ANSWER);
    if (!this.#given.transmit(item)) this.rest(item);
  }

  /** No answer to this one is waited for any more. @param {Item} item */
  rest(item) {
    if (item !== this.#sent) return;
    clearTimeout(this.#patience);
    this.#sent = undefined;
  }

  /** The server takes messages. */
  succeeded() {
    this.#attempt = 0;
  }

  /** All wait for one that was refused for a while. @param {number} retryAfter seconds that the server asks for */
  wait(retryAfter) {
    this.#pause ??= setTimeout(() => this.start(), Math.max(retryAfter * 1000, backoff(this.#attempt++)));
  }

  #resume() {
    clearTimeout(this.#pause);
    this.#pause = undefined;
  }
}
