// What all rooms of a member share: one WebSocket. A member may have five, so a window has one.

import { Reconnecting } from './reconnecting.js';

const LINGER = 5_000; // ms without a room; who goes from one to the next keeps the socket

/** @typedef {import('./reconnecting.js').Status} Status */
/** @typedef {import('./session.js').Session} Session */

/**
 * What shares the connection: a room.
 * @typedef {object} Channel
 * @property {() => void} connected a connection is there, all has to be subscribed anew
 * @property {() => void} disconnected it is gone, and with it all answers that were due
 * @property {(status: Status) => void} status
 * @property {(problem: import('./problem.js').Problem, receipt?: string) => boolean} refused whether it was about this channel
 * @property {(problem: import('./problem.js').Problem) => void} notice a problem that nobody knew
 */

export class Connection {
  #line;
  /** @type {Set<Channel>} */
  #channels = new Set();
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #lingering;

  /** @param {Pick<ConstructorParameters<typeof Reconnecting>[0], 'socket'|'client'|'identity'>} given */
  constructor(given) {
    this.#line = new Reconnecting({
      ...given,
      wanted: () => this.#channels.size > 0,
      onConnected: () => this.#channels.forEach((channel) => channel.connected()),
      onGone: () => this.#channels.forEach((channel) => channel.disconnected()),
      onStatus: (status) => this.#channels.forEach((channel) => channel.status(status)),
      onRefused: (problem, receipt) => {
        const known = [...this.#channels].some((channel) => channel.refused(problem, receipt));
        if (!known) this.#channels.forEach((channel) => channel.notice(problem));
      },
    });
  }

  get status() {
    return this.#line.status;
  }

  /** @param {Channel} channel */
  join(channel) {
    clearTimeout(this.#lingering);
    this.#channels.add(channel);
    if (this.#line.session) {
      channel.connected();
      channel.status(this.status);
    } else if (this.status.state !== 'connecting') this.open();
    else channel.status(this.status);
  }

  /** @param {Channel} channel */
  leave(channel) {
    if (!this.#channels.delete(channel) || this.#channels.size > 0) return;
    clearTimeout(this.#lingering);
    this.#lingering = setTimeout(() => this.close(), LINGER);
  }

  /** Connects at once, also after having stopped: a person wants it. */
  open() {
    this.#line.open();
  }

  /** Tries at once instead of waiting: the network or the person is back. */
  wake() {
    this.#line.wake();
  }

  close() {
    clearTimeout(this.#lingering);
    this.#line.close();
  }

  /**
   * Only for channels, while they are connected.
   * @param {Parameters<Session['subscribe']>} subscription
   */
  subscribe(...subscription) {
    if (!this.#line.session) throw new Error('there is no connection');
    return this.#line.session.subscribe(...subscription);
  }

  /**
   * @param {Parameters<Session['send']>} frame
   * @returns {boolean} false where there is no connection
   */
  send(...frame) {
    const { session } = this.#line;
    session?.send(...frame);
    return session !== null;
  }
}
