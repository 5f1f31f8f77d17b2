// The member's place in the queue, as the event stream tells it. It knows no DOM.

import { Usher } from './usher.js';

/** @typedef {{seat: number, memberId: string, nickname: string}} Seat */
/** @typedef {{roomId: string, movieId: string, title: string, seats: Seat[], createdAt: string}} MatchedRoom */
/** @typedef {{state: 'idle', reason?: string} & Partial<Record<'movieId'|'movieIds'|'joinedAt'|'room', undefined>>} Idle */
/**
 * @typedef {object} Waiting
 * @property {'waiting'} state
 * @property {string} movieId
 * @property {string[]} movieIds those that count now
 * @property {number} waiting present members, this one included
 * @property {number} place 1 for who waits longest
 * @property {number} [etaSeconds]
 * @property {number} seats
 * @property {string} joinedAt
 * @property {{memberId: string, nickname: string}[]} seated
 * @property {undefined} [room]
 */
/** @typedef {{state: 'matched', room: MatchedRoom, seat: number, generation: number, ticket: string} & Partial<Record<'movieId'|'movieIds'|'joinedAt', undefined>>} Matched */
/** @typedef {Idle|Waiting|Matched} State the contract's queue state */
/**
 * `lost`: the place is kept for a while; `door`: matched, but not let in yet; both try again.
 * @typedef {{kind: 'lost'} | {kind: 'door'|'problem', problem: import('./problem.js').Problem}} Trouble
 */

/** @typedef {Pick<import('./stream.js').EventStream, 'wake'|'cut'|'close'>} Stream */

/** @type {Idle} */
const IDLE = { state: 'idle' };

export class Queue {
  /** @type {State} */
  state = IDLE;
  #given;
  /** @type {Stream|null} */
  #stream = null;
  #usher;
  #ending = false; // a cancel is under way: no news counts until it is answered
  #watched = false; // this page asked to wait or saw it, so a match is news
  #version = 0; // of the state; an answer that was overtaken by news is dropped

  /**
   * @param {object} given
   * @param {Pick<import('./api.js').Api, 'queue'|'join'|'leaveQueue'|'enterRoom'|'room'>} given.api
   * @param {(on: import('./stream.js').StreamListener) => Stream} given.openStream
   * @param {(state: State) => void} given.onState
   * @param {(room: import('./api.js').RoomDetails) => void} given.onSeated this member is in a room, new here
   * @param {(trouble: Trouble|null) => void} given.onTrouble something the member should know; null when it is over
   */
  constructor(given) {
    this.#given = given;
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
      const waited = this.#isFor(movieId); // then only the second choices were to change, and nothing tells whether they did
      if (problem.temporary) await this.#look();
      if (waited || !this.#isFor(movieId)) throw problem;
    }
  }

  /** Where an answer was lost, the place may be taken all the same. */
  async #look() {
    const version = this.#version;
    try {
      const state = await this.#given.api.queue();
      // Idle would tell the end of a wait that never began: the problem is what is to be told.
      if (version === this.#version && state.state !== 'idle') this.#take(state);
    } catch (problem) {
      console.warn('whether the place was taken is not known', problem);
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
      this.#closeStream();
      this.#follow();
      throw problem;
    }
    this.#ending = false;
    this.#take({ state: 'idle', reason: 'cancelled' });
  }

  /** The network or the person is back: an open stream has all news, else we ask. */
  async wake() {
    if (this.#stream) this.#stream.wake();
    else await this.sync();
  }

  /** The network is gone: an open stream will bring nothing more. */
  cut() {
    this.#stream?.cut();
  }

  close() {
    this.#usher.stop();
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
    if (state.state !== 'matched') this.#usher.rest();
    if (state.state === 'waiting') this.#watched = true;
    this.#follow();
    this.#given.onState(state);
    if (state.state === 'matched' && this.entering) void this.#usher.enter(state, this.#watched);
  }

  /** Listens while there is something to wait for: an open stream is also what says "present". */
  #follow() {
    const { state, room } = this.state;
    const needed = state === 'waiting' || (state === 'matched' && !this.#usher.knows(room.roomId));
    if (!needed) return this.#closeStream();
    this.#stream ??= this.#given.openStream({
      onEvent: ({ event, data }) => event === 'state' && this.#take(JSON.parse(data)),
      onFailures: (n) => this.#given.onTrouble(n > 1 ? { kind: 'lost' } : null),
      onRefused: (problem) => {
        this.#stream = null; // it is over: the next look at the queue opens another
        this.#given.onTrouble({ kind: 'problem', problem });
      },
    });
  }

  #closeStream() {
    this.#stream?.close();
    this.#stream = null;
  }
}
