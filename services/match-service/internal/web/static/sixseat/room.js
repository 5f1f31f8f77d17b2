// One room, without a screen: it resumes after the last seq it has seen, shows each message
// once and in order, and sends each once. It knows no DOM; the connection is given to it.

import { own } from './problem.js';
import { Stay } from './stay.js';
import { upload } from './upload.js';

export class Room {
  roomId;
  #given;
  #stay;

  /** @param {import('./listener.js').Given} given */
  constructor(given) {
    this.roomId = given.roomId;
    this.#given = given;
    this.#stay = new Stay(given);
  }

  /** @returns {import('./timeline.js').Message[]} ascending by seq; the newest, and older ones as far as they were loaded */
  get messages() {
    return this.#stay.incoming.timeline.messages;
  }

  get lastSeq() {
    return this.#stay.incoming.timeline.lastSeq;
  }

  get hasOlder() {
    return this.#stay.incoming.timeline.hasOlder;
  }

  get people() {
    return this.#stay.incoming.people;
  }

  /** Comes in; also after having stopped, when the person wants to try again. */
  open() {
    this.#stay.open();
  }

  /** Tries at once instead of waiting: the network or the person is back. */
  wake() {
    this.#stay.wake();
  }

  /** Nobody looks any more. What was written is sent still, then the room is let go. */
  close() {
    this.#stay.close();
  }

  /** As if the program had ended: what is unsent stays kept. */
  abandon() {
    this.#stay.abandon();
  }

  /**
   * @param {string} text 1 to 2,000 characters; a picture's caption may be empty
   * @param {string} [imageId] of a picture, from upload()
   * @returns {Promise<{seq: number}>} once it is stored; it need not be awaited
   * @throws {import('./problem.js').Problem} when too many are still on their way
   */
  send(text, imageId) {
    return this.#stay.outbox.add(text, imageId);
  }

  /**
   * Brings a picture to the room; nobody sees it before it is sent.
   * @param {Blob} picture JPEG, PNG, WebP or GIF, at most 5 MiB
   * @param {{progress?: (part: number) => void, signal?: AbortSignal}} [options] from 0 to 1; ends it
   * @returns {Promise<string>} its id, for send()
   * @throws {import('./problem.js').Problem}
   */
  upload(picture, options) {
    return upload(this.#given.api, this.roomId, picture, options);
  }

  /** @param {string} key of a failed message: sent again under the same key */
  retry(key) {
    this.#stay.outbox.retry(key);
  }

  /** @param {string} key of a failed message that the writer gives up */
  discard(key) {
    this.#stay.outbox.discard(key);
  }

  /** This member types; call it as often as keys are pressed. */
  typing() {
    this.#stay.signals.typing();
  }

  /** @param {number} seq up to which everything was read; call it as often as one scrolls */
  read(seq) {
    this.#stay.incoming.timeline.read(seq);
    this.#stay.signals.read(seq);
  }

  /** Older messages, told as those at the start. */
  loadOlder() {
    return this.#stay.incoming.timeline.loadOlder();
  }

  /** Leaves for good. */
  async leave() {
    await this.#given.api.leaveRoom(this.roomId);
    this.#given.unsent.clear();
    this.#stay.abandon(own('left', 'You left the room before this message was stored.', { status: 403 }));
  }
}
