// Being in a room: what it is comes first, however long that takes, and its history if that
// is to be had, then a place on the connection that all rooms share.

import { Patient } from './patient.js';

/** @typedef {import('./connection.js').Channel} Channel */

export class Attendance {
  #given;
  #entering;
  #in = false; // history is here, and the connection is joined

  /**
   * @param {object} given
   * @param {import('./connection.js').Connection} given.connection
   * @param {Channel} given.channel the room's, on the connection
   * @param {() => Promise<void>} given.load brings what the room is, and its history
   * @param {(problem: import('./problem.js').Problem) => void} given.onRefused the room lets nobody in
   */
  constructor(given) {
    const { connection, channel, load, onRefused } = given;
    this.#given = given;
    this.#entering = new Patient({
      work: load,
      onTry: () => channel.status({ state: 'connecting' }),
      onDone: () => {
        this.#in = true;
        connection.join(channel);
      },
      onWaiting: (retryAt) => channel.status({ state: 'waiting', retryAt }),
      onRefused,
    });
  }

  /** @returns {boolean} whether the connection is joined, which may be away */
  get in() {
    return this.#in;
  }

  /** Comes in; also after having stopped, when the person wants to try again. */
  open() {
    if (this.#in) this.#given.connection.open();
    else this.#entering.start();
  }

  /** Tries at once instead of waiting: the network or the person is back. */
  wake() {
    if (this.#in) this.#given.connection.wake();
    else this.#entering.wake();
  }

  end() {
    const { connection, channel } = this.#given;
    this.#entering.stop();
    this.#in = false;
    channel.disconnected();
    connection.leave(channel);
  }
}
