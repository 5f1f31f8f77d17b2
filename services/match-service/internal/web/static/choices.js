// Second choices: films that a member would also take while waiting for one. It knows no
// DOM. The server shows them only once they count, half a minute after the wait began, so
// what was asked for is remembered here.

/** The most second choices that the server takes. */
export const MAX_ALSO = 4;

const KEY = 'sixseat.also';

/** @typedef {{movieId: string, joinedAt: string, also: string[]}} Asked and of which wait */

export class Choices {
  #queue;
  /** @type {Asked|null} */
  #asked = null;
  /** @type {Promise<void>} the toggle before, done or failed: each builds on what that has made */
  #before = Promise.resolve();

  /** @param {{state: import('./sixseat/contract.d.ts').State, join: (movieId: string, also?: string[]) => Promise<void>}} queue */
  constructor(queue) {
    this.#queue = queue;
  }

  /** @returns {string[]} the second choices of the wait of now */
  get also() {
    const { state, movieId, movieIds = [], joinedAt } = this.#queue.state;
    if (state !== 'waiting') return [];
    const asked = this.#asked ?? load();
    const ours = asked && asked.movieId === movieId && asked.joinedAt === joinedAt ? asked.also : [];
    const theirs = movieIds.filter((/** @type {string} */ id) => id !== movieId);
    return [...new Set([...ours, ...theirs])];
  }

  /**
   * What a film is to this member, and what it can become.
   * @param {string} movieId
   * @returns {[import('./poster.js').Mine, 'add'|'remove'|'']}
   */
  markOf(movieId) {
    const { state, movieId: first } = this.#queue.state;
    if (state !== 'waiting') return ['', ''];
    if (movieId === first) return ['first', ''];
    if (this.also.includes(movieId)) return ['also', 'remove'];
    return ['', this.also.length < MAX_ALSO ? 'add' : ''];
  }

  /** Makes a film a second choice, or no longer. @param {string} movieId */
  toggle(movieId) {
    const done = this.#before.then(() => this.#toggle(movieId));
    this.#before = done.catch(() => {}); // whoever asked is told
    return done;
  }

  /** @param {string} movieId */
  async #toggle(movieId) {
    const first = this.#queue.state.movieId;
    if (!first) return; // the wait is over
    const before = this.also;
    const also = before.includes(movieId) ? before.filter((id) => id !== movieId) : [...before, movieId];
    await this.#queue.join(first, also);
    const { state, movieId: now, joinedAt } = this.#queue.state;
    if (state !== 'waiting' || now !== first) return;
    this.#asked = { movieId: first, joinedAt, also };
    save(this.#asked);
  }
}

/** @returns {Asked|null} */
function load() {
  try {
    const asked = JSON.parse(localStorage.getItem(KEY) ?? 'null');
    return Array.isArray(asked?.also) ? asked : null;
  } catch (error) {
    console.warn('the second choices cannot be read', error);
    return null;
  }
}

/** @param {Asked} asked */
function save(asked) {
  try {
    localStorage.setItem(KEY, JSON.stringify(asked));
  } catch (error) {
    console.warn('the second choices are forgotten when this page closes', error);
  }
}
