// Messages that are not stored by the server yet, kept so that a reload loses none. Each
// has an entry of its own, so that two tabs do not write over each other.

import { unconfirmed } from './pending.js';
import { Problem } from './problem.js';

const PREFIX = 'sixseat.unsent';
const OLD = 24 * 60 * 60 * 1000; // ms; what was meant yesterday is not said without asking

/** @typedef {import('./pending.js').Pending} Pending */

export class Unsent {
  #keep;
  #prefix;

  /**
   * @param {import('./keep.js').Keep} keep
   * @param {string} memberId
   * @param {string} roomId
   */
  constructor(keep, memberId, roomId) {
    this.#keep = keep;
    this.#prefix = `${PREFIX}/${memberId}/${roomId}/`;
  }

  /** @returns {Pick<Pending, 'key'|'text'|'at'|'imageId'|'problem'>[]} in the order in which they were written; with a problem those that are not sent by themselves */
  all() {
    const kept = this.#keep.keys(this.#prefix).map((name) => ({ ...this.#keep.read(name), key: name.slice(this.#prefix.length) }));
    kept.filter(({ discarded }) => Date.now() - discarded > OLD).forEach(({ key }) => this.drop(key));
    return kept
      .filter(({ text, at }) => typeof text === 'string' && typeof at === 'number')
      .map((item) => ({ ...item, problem: whyNot(item) }))
      .sort((a, b) => a.at - b.at);
  }

  /** @param {Pending} item */
  put({ key, text, at, imageId, problem }) {
    this.#keep.write(this.#prefix + key, { text, at, imageId, problem: problem?.details });
  }

  /** @param {string} key */
  drop(key) {
    this.#keep.remove(this.#prefix + key);
  }

  /** Given up by its writer: another tab that has it still must not send it. @param {string} key */
  discard(key) {
    this.#keep.write(this.#prefix + key, { discarded: Date.now() });
  }

  /** @param {string} key */
  isDiscarded(key) {
    return Boolean(this.#keep.read(this.#prefix + key)?.discarded);
  }

  clear() {
    this.#keep.keys(this.#prefix).forEach((name) => this.#keep.remove(name));
  }
}

/**
 * Why a kept one is not sent by itself: it was refused, or is old.
 * @param {{at: number, problem?: import('./problem.js').Details}} kept
 */
function whyNot({ at, problem }) {
  if (problem) return new Problem(problem);
  return Date.now() - at > OLD ? unconfirmed() : null;
}

/**
 * The rooms for which something is kept that nobody has to decide about.
 * @param {import('./keep.js').Keep} keep
 * @param {string} memberId
 * @returns {string[]}
 */
export function roomsWithUnsent(keep, memberId) {
  const prefix = `${PREFIX}/${memberId}/`;
  const rooms = new Set(keep.keys(prefix).map((name) => name.slice(prefix.length).split('/')[0]));
  return [...rooms].filter((roomId) => new Unsent(keep, memberId, roomId).all().some(({ problem }) => !problem));
}

/**
 * Forgets what others than this member wrote here: they are gone.
 * @param {import('./keep.js').Keep} keep
 * @param {string} memberId
 */
export function forgetOthers(keep, memberId) {
  keep.keys(`${PREFIX}/`).filter((name) => !name.startsWith(`${PREFIX}/${memberId}/`)).forEach((name) => keep.remove(name));
}
