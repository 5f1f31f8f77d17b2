// The member's place in the queue, as the event stream tells it. It knows no DOM.

import { Following } from './following.js';
import { Usher } from './usher.js';

/** @typedef {import('./contract.d.ts').State} State */
/**
 * `lost`: the place is kept for a while; `door`: matched, but not let in yet; both try again.
 * @typedef {{kind: 'lost'} | {kind: 'door'|'problem', problem: import('./problem.js').Problem}} Trouble
 */

/** @type {import('./contract.d.ts').Idle} */
const IDLE = { state: 'idle' };

export class Queue {
  /** @type {State} */
  state = IDLE;
  #given;
  #following;
  #usher;
  #ending = false; // a cancel is under way: no news counts until it is answered
  #watched = false; // this page asked to wait or saw it, so a match is news
  #version = 0; // of the state; an answer that was overtaken by news is dropped

  /**
   * @param {object} given
   * @param {Pick<import('./api.js').Api, 'queue'|'join'|'leaveQueue'|'enterRoom'|'room'>} given.api
   * @param {(on: import('./stream.js').StreamListener) => import('./following.js').Stream} given.openStream
   * @param {(state: State) => void} given.onState
   * @param {(room: import('./contract.d.ts').RoomDetails) => void} given.onSeated this member is in a room, new here
   * @param {(trouble: Trouble|null) => void} given.onTrouble something the member should know; null when it is over
   */
  constructor(given) {
    this.#given = given;
    this.#following = new Following({ ...given, onNews: (state) => this.#take(state) });
    this.#usher = new Usher({
      ...given,
      onSettled: () => {
        this.#follow();
        given.onState(this.state);
      },
      sync: () => this.sync(),
      entering: () => this.entering,
    });
  }

  /** @returns {boolean} whether a match is about to be, or being, entered */
  get entering() {
    return this.state.state === 'matched' && this.#usher.isNew(this.state);
  }

  /**
   * Asks how things are, and follows them from there.
   * @param {{idle?: boolean}} [news] whether it is any that nobody waits
   */
  async sync({ idle = true } = {}) {
    const version = this.#version;
    const state = await this.#given.api.queue();
    if (version === this.#version && (idle || state.state !== 'idle')) this.#take(state);
  }

  /**
   * @param {string} movieId
   * @param {string[]} [alsoMovieIds] second choices
   */
  async join(movieId, alsoMovieIds) {
    // The stream may still carry news from before; a new one starts with the state after.
    this.#following.end();
    this.#watched = true;
    try {
      this.#take(await this.#given.api.join(movieId, alsoMovieIds));
    } catch (/** @type {any} */ problem) {
      this.#follow();
      const waited = this.#isFor(movieId); // then only the second choices were to change, and nothing tells whether they did
      // An answer was lost, and the place may be taken all the same. Idle would tell the end of a wait that never began.
      if (problem.temporary) await this.sync({ idle: false }).catch((error) => console.warn('whether the place was taken is not known', error));
      if (waited || !this.#isFor(movieId)) throw problem;
    }
  }

  /** @param {string} movieId */
  #isFor(movieId) {
    return this.state.state !== 'idle' && (this.state.movieId ?? this.state.room?.movieId) === movieId;
  }

  async cancel() {
    this.#ending = true;
    try {
      await this.#given.api.leaveQueue();
    } catch (problem) {
      this.#ending = false;
      // What came meanwhile was passed over, and a new stream starts with the state of now.
      this.#following.end();
      this.#follow();
      throw problem;
    }
    this.#ending = false;
    this.#take({ state: 'idle', reason: 'cancelled' });
  }

  /** The network or the person is back: an open stream has all news, else we ask. */
  async wake() {
    if (!this.#following.wake()) await this.sync();
  }

  /** The network is gone: an open stream will bring nothing more. */
  cut() {
    this.#following.cut();
  }

  close() {
    this.#usher.stop();
    this.#following.end();
    this.#version++;
    this.#watched = false;
    this.state = IDLE;
  }

  /** @param {State} state */
  #take(state) {
    if (this.#ending) return;
    this.#version++;
    this.state = state;
    if (state.state !== 'matched') this.#usher.rest();
    if (state.state === 'waiting') this.#watched = true;
    this.#follow();
    this.#given.onState(state);
    if (state.state === 'matched' && this.entering) void this.#usher.enter(state, this.#watched);
  }

  /** Listens while there is something to wait for. */
  #follow() {
    const { state, room } = this.state;
    if (state === 'waiting' || (state === 'matched' && !this.#usher.knows(room.roomId))) this.#following.begin();
    else this.#following.end();
  }
}
