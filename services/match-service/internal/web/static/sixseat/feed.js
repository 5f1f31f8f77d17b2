// What a room's two subscriptions bring: its messages after the last one that we have, each
// once and in order, and what happens in it.

import { backoff } from './backoff.js';

export class Feed {
  #given;
  #truthful = false; // the next message is the server's answer to last-seq: a hole in it is real
  #attempt = 0;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;
  #unsubscribe = () => {};
  #unsubscribeEvents = () => {};

  /**
   * @param {object} given
   * @param {string} given.roomId
   * @param {Pick<import('./connection.js').Connection, 'subscribe'>} given.connection
   * @param {() => number} given.lastSeq
   * @param {(message: import('./contract.d.ts').Message) => void} given.onMessage the next one
   * @param {(event: import('./people.js').RoomEvent) => void} given.onEvent
   */
  constructor(given) {
    this.#given = given;
  }

  start() {
    const { connection, roomId, onEvent } = this.#given;
    this.#unsubscribeEvents = connection.subscribe(`/topic/${roomId}/events`, ({ body }) => onEvent(JSON.parse(body)));
    this.#subscribe();
  }

  stop() {
    clearTimeout(this.#timer);
    this.#unsubscribe();
    this.#unsubscribeEvents();
  }

  /** The server ended a subscription: its store was away while it was made or caught up. */
  again() {
    this.stop();
    this.#timer = setTimeout(() => this.start(), backoff(this.#attempt++));
  }

  /** The same, where nothing stands in the way of another. */
  atOnce() {
    this.stop();
    this.start();
  }

  #subscribe() {
    const { connection, roomId, lastSeq } = this.#given;
    this.#truthful = true;
    this.#unsubscribe = connection.subscribe(
      `/topic/${roomId}`, ({ body }) => this.#received(JSON.parse(body)), { 'last-seq': String(lastSeq()) });
  }

  /** @param {import('./contract.d.ts').Message} message */
  #received(message) {
    const last = this.#given.lastSeq();
    if (message.seq <= last) return;
    if (message.seq > last + 1 && !this.#truthful) {
      this.#unsubscribe();
      return this.#subscribe();
    }
    this.#truthful = false;
    this.#attempt = 0;
    this.#given.onMessage(message);
  }
}
