// Who this member is, a token that is made fresh before it expires, and calls with it.

import { own } from './problem.js';

const KEY = 'sixseat.member';
const FRESH_BEFORE = 60 * 60 * 1000; // ms before expiry; tokens last 24 hours
const MAX_REFRESH_WAIT = 10_000; // ms; below the limit of a call, which may wait for a fresh token

/** @typedef {import('./contract.d.ts').Member} Member */

export class Identity {
  #http;
  #keep;
  /** @type {Promise<string>|null} one refresh at a time, whoever asks */
  #refreshing = null;
  /** @type {(problem: import('./problem.js').Problem) => void} */
  #signedOut = () => {};

  /**
   * @param {import('./http.js').Http} http
   * @param {import('./keep.js').Keep} keep
   */
  constructor(http, keep) {
    this.#http = http;
    this.#keep = keep;
  }

  /** @returns {Member|null} read each time: another tab may have a fresher token */
  get member() {
    const member = this.#keep.read(KEY);
    return typeof member?.token === 'string' ? member : null;
  }

  /** @param {Member|null} member null forgets */
  set member(member) {
    if (member) this.#keep.write(KEY, member);
    else this.#keep.remove(KEY);
  }

  /** @param {(problem: import('./problem.js').Problem) => void} callback called when the server no longer knows this member */
  onSignedOut(callback) {
    this.#signedOut = callback;
  }

  /** @returns {number} ms since 1970 from which on token() makes a fresh one */
  get staleAt() {
    return Date.parse(this.member?.expiresAt ?? '') - FRESH_BEFORE;
  }

  /**
   * @param {string} nickname
   * @returns {Promise<Member>}
   */
  async signUp(nickname) {
    const member = await this.#http.call('POST', '/match/members', { body: { nickname } });
    this.member = member;
    return member;
  }

  /**
   * A token that is good for a while.
   * @param {{refused?: string}} [than] a token that the server has just refused
   * @returns {Promise<string>}
   */
  async token({ refused } = {}) {
    const member = this.member;
    if (!member) throw own('no-member', 'Please choose a nickname first.', { status: 401 });
    const left = Date.parse(member.expiresAt) - Date.now();
    if (member.token !== refused && left > FRESH_BEFORE) return member.token;
    try {
      this.#refreshing ??= this.#refresh(member).finally(() => (this.#refreshing = null));
      return await this.#refreshing;
    } catch (/** @type {any} */ problem) {
      // Not fresh, but good still: match-service being away must not stop anyone who chats.
      if (problem.temporary && member.token !== refused && left > 0) return member.token;
      throw problem;
    }
  }

  /**
   * A call with the member's token; a token that turns out to be expired is replaced once.
   * @param {string} method
   * @param {string} path
   * @param {import('./http.js').Options} [options]
   */
  async asMember(method, path, options = {}) {
    const token = await this.token();
    try {
      return await this.#http.call(method, path, { ...options, token });
    } catch (/** @type {any} */ problem) {
      // A refused room ticket is a 401 too; then a fresh member token changes nothing and 401 comes again.
      if (problem.status !== 401) throw problem;
      return this.#http.call(method, path, { ...options, token: await this.token({ refused: token }) });
    }
  }

  /** @param {Member} stale */
  async #refresh({ memberId, token }) {
    // Another tab may become somebody new meanwhile: then nothing of theirs is replaced or forgotten.
    try {
      const member = await this.#http.call('POST', '/match/members/me/token', { token, timeout: MAX_REFRESH_WAIT });
      if (this.member?.memberId === memberId) this.member = member;
      return member.token;
    } catch (/** @type {any} */ problem) {
      if (problem.status === 401 && this.member?.token === token) {
        this.member = null;
        this.#signedOut(own('forgotten', 'You have been away for so long that we no longer know you. Please choose a nickname again.', { status: 401 }));
      }
      throw problem;
    }
  }
}
