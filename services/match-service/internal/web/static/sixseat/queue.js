// The member's place in the queue: what the event stream says, and taking the seat when
// six are there. It knows no DOM.

import { backoff } from './backoff.js';

/** @typedef {{state: string, [field: string]: any}} State the contract's queue state */
/**
 * `lost`: the place is kept for a while; `door`: matched, but not let in yet; both try again.
 * @typedef {{kind: 'lost'} | {kind: 'door'|'problem', problem: import('./problem.js').Problem}} Trouble
 */

const IDLE = { state: 'idle' };

export class Queue {
  /** @type {State} */
  state = IDLE;
  #given;
  /** @type {{wake(): void, close(): void}|null} */
  #stream = null;
  #rooms = new Set(); // rooms that we are in or were in: being matched with them is no news
  #refused = new Set(); // seats that we asked for and that others have
  #taking = ''; // the seat that we are asking for
  #ending = false; // a cancel is under way: no news counts until it is answered
  #watched = false; // this page asked to wait or saw it, so a match is news
  #version = 0; // of the state; an answer that was overtaken by news is dropped
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;
  #attempt = 0;

  /**
   * @param {object} given
   * @param {Pick<import('./api.js').Api, 'queue'|'join'|'leaveQueue'|'enterRoom'|'room'>} given.api
   * @param {(on: import('./stream.js').StreamListener) => {wake(): void, close(): void}} given.openStream
   * @param {(state: State) => void} given.onState
   * @param {(room: import('./api.js').RoomDetails) => void} given.onSeated this member is in a room, new here
   * @param {(trouble: Trouble|null) => void} given.onTrouble something the member should know; null when it is over
   */
  constructor(given) {
    this.#given = given;
  }

  /** @returns {boolean} whether a match is about to be, or being, entered */
  get entering() {
    return this.state.state === 'matched' && this.#isNew(this.state);
  }

  /** @param {string} roomId a room that this member knows */
  know(roomId) {
    this.#rooms.add(roomId);
  }

  /** Asks how things are, and follows them from there. */
  async sync() {
    const version = this.#version;
    const state = await this.#given.api.queue();
    if (version === this.#version) this.#take(state);
  }

  /**
   * @param {string} movieId
   * @param {string[]} [alsoMovieIds] second choices
   */
  async join(movieId, alsoMovieIds) {
    // The stream may still carry news from before; a new one starts with the state after.
    this.#closeStream();
    this.#watched = true;
    try {
      this.#take(await this.#given.api.join(movieId, alsoMovieIds));
    } catch (/** @type {any} */ problem) {
      this.#follow();
      throw problem;
    }
  }

  async cancel() {
    this.#ending = true;
    try {
      await this.#given.api.leaveQueue();
      this.#ending = false;
      this.#take({ state: 'idle', reason: 'cancelled' });
    } finally {
      this.#ending = false;
    }
  }

  /** The network or the person is back: an open stream has all news, else we ask. */
  async wake() {
    if (this.#stream) this.#stream.wake();
    else await this.sync();
  }

  close() {
    clearTimeout(this.#timer);
    this.#closeStream();
    this.#version++;
    this.#watched = false;
    this.state = IDLE;
  }

  /** @param {State} state */
  #take(state) {
    if (this.#ending) return;
    this.#version++;
    this.state = state;
    if (state.state !== 'matched') this.#attempt = 0;
    if (state.state === 'waiting') this.#watched = true;
    this.#follow();
    this.#given.onState(state);
    if (this.entering) void this.#enter(state);
  }

  /** Listens while there is something to wait for: an open stream is also what says "present". */
  #follow() {
    const { state, room } = this.state;
    const needed = state === 'waiting' || (state === 'matched' && !this.#rooms.has(room.roomId));
    if (!needed) return this.#closeStream();
    this.#stream ??= this.#given.openStream({
      onEvent: ({ event, data }) => event === 'state' && this.#take(JSON.parse(data)),
      onFailures: (n) => this.#given.onTrouble(n > 1 ? { kind: 'lost' } : null),
      onRefused: (problem) => this.#given.onTrouble({ kind: 'problem', problem }),
    });
  }

  #closeStream() {
    this.#stream?.close();
    this.#stream = null;
  }

  /** @param {State} matched */
  #isNew({ room, generation }) {
    return !this.#rooms.has(room.roomId) && !this.#refused.has(`${room.roomId}/${generation}`);
  }

  /** @param {State} state */
  async #enter(state) {
    const seat = `${state.room.roomId}/${state.generation}`;
    if (this.#taking === seat) return;
    clearTimeout(this.#timer);
    this.#taking = seat;
    let room;
    try {
      if (await this.#isIn(state.room.roomId)) return;
      room = await this.#given.api.enterRoom(state.ticket);
    } catch (/** @type {any} */ problem) {
      return this.#notSeated(state, seat, problem);
    } finally {
      this.#taking = '';
    }
    this.#seated(room);
  }

  /**
   * A page that opens in the middle of things: a room entered earlier is nothing to rush into.
   * @param {string} roomId
   */
  async #isIn(roomId) {
    if (this.#watched) return false;
    try {
      await this.#given.api.room(roomId);
    } catch (/** @type {any} */ problem) {
      if (problem.status === 403) return false;
      throw problem;
    }
    this.know(roomId);
    this.#settle();
    return true;
  }

  /** @param {import('./api.js').RoomDetails} room */
  #seated(room) {
    this.#attempt = 0;
    this.know(room.roomId);
    this.#given.onTrouble(null);
    this.#settle();
    this.#given.onSeated(room);
  }

  /** @param {State} state @param {string} seat @param {import('./problem.js').Problem} problem */
  #notSeated(state, seat, problem) {
    if (problem.status === 403) { // we left that room before
      this.know(state.room.roomId);
      return this.#settle();
    }
    if (problem.status === 409) { // somebody else has the seat; the queue says how we go on
      this.#refused.add(seat);
      this.#given.onTrouble({ kind: 'problem', problem });
      return this.#later();
    }
    this.#given.onTrouble({ kind: 'door', problem });
    this.#later();
  }

  /** Nothing is left to wait for in the state of now. */
  #settle() {
    this.#follow();
    this.#given.onState(this.state);
  }

  /** Asks again, which also brings a fresh ticket. */
  #later() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.sync().catch((problem) => {
        this.#given.onTrouble({ kind: 'problem', problem });
        if (problem.temporary && this.entering) this.#later();
      });
    }, backoff(this.#attempt++));
  }
}
