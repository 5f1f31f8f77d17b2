// Takes the member's seat when six are there, and asks again until it has it or somebody else.

import { backoff } from './backoff.js';

/** @typedef {import('./contract.d.ts').Matched} Matched */

export class Usher {
  #given;
  #rooms = new Set(); // rooms that we are in or were in: being matched with them is no news
  #refused = new Set(); // seats that we asked for and that others have
  #taking = ''; // the seat that we are asking for
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;
  #attempt = 0;

  /**
   * @param {object} given
   * @param {Pick<import('./api.js').Api, 'enterRoom'|'room'>} given.api
   * @param {(room: import('./contract.d.ts').RoomDetails) => void} given.onSeated
   * @param {() => void} given.onSettled nothing is left to wait for in the state of now
   * @param {(trouble: import('./queue.js').Trouble|null) => void} given.onTrouble
   * @param {() => Promise<void>} given.sync asks for the state, which also brings a fresh ticket
   * @param {() => boolean} given.entering whether the state of now is a match to be entered
   */
  constructor(given) {
    this.#given = given;
  }

  /** @param {string} roomId a room that this member knows */
  know(roomId) {
    this.#rooms.add(roomId);
  }

  /** @param {string} roomId */
  knows(roomId) {
    return this.#rooms.has(roomId);
  }

  /** @param {Matched} matched @returns {boolean} whether there is a seat to be taken */
  isNew({ room, generation }) {
    return !this.knows(room.roomId) && !this.#refused.has(`${room.roomId}/${generation}`);
  }

  /** There is no seat now: the next one is asked for at once. */
  rest() {
    this.#attempt = 0;
  }

  stop() {
    clearTimeout(this.#timer);
  }

  /**
   * @param {Matched} state
   * @param {boolean} expected this page saw the waiting, so the seat is news
   */
  async enter(state, expected) {
    const seat = `${state.room.roomId}/${state.generation}`;
    if (this.#taking === seat) return;
    this.stop();
    this.#taking = seat;
    let room;
    try {
      if (!expected && (await this.#isIn(state.room.roomId))) return;
      room = await this.#given.api.enterRoom(state.ticket);
    } catch (/** @type {any} */ problem) {
      return this.#notSeated(state, seat, problem);
    } finally {
      this.#taking = '';
    }
    this.rest();
    this.know(room.roomId);
    this.#given.onTrouble(null);
    this.#given.onSettled();
    this.#given.onSeated(room);
  }

  /**
   * A page that opens in the middle of things: a room entered earlier is nothing to rush into.
   * @param {string} roomId
   */
  async #isIn(roomId) {
    try {
      await this.#given.api.room(roomId);
    } catch (/** @type {any} */ problem) {
      if (problem.status === 403) return false;
      throw problem;
    }
    this.know(roomId);
    this.#given.onSettled();
    return true;
  }

  /** @param {Matched} state @param {string} seat @param {import('./problem.js').Problem} problem */
  #notSeated(state, seat, problem) {
    if (problem.status === 403) { // we left that room before
      this.know(state.room.roomId);
      return this.#given.onSettled();
    }
    const taken = problem.status === 409; // somebody else has the seat; the queue says how we go on
    if (taken) this.#refused.add(seat);
    this.#given.onTrouble({ kind: taken ? 'problem' : 'door', problem });
    this.#later();
  }

  #later() {
    this.stop();
    this.#timer = setTimeout(() => {
      this.#given.sync().catch((problem) => {
        this.#given.onTrouble({ kind: 'problem', problem });
        if (problem.temporary && this.#given.entering()) this.#later();
      });
    }, backoff(this.#attempt++));
  }
}
