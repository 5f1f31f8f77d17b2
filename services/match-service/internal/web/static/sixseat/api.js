// The calls of the public contract: one method per call, problems as errors, and the
// member's token, which is made fresh before it expires.

import { Problem, problemOf } from './problem.js';

const TIMEOUT = 15_000; // ms for one call; a load balancer gives up later than that
const FRESH_BEFORE = 60 * 60 * 1000; // ms before expiry; tokens last 24 hours
const MAX_REFRESH_WAIT = 10_000; // ms; below TIMEOUT, as a call may wait for a fresh token

/** The member's side of match-service and chat-service. */
export class Api {
  #load;
  #save;
  #refreshing = null; // one refresh at a time, whoever asks
  #signedOut = () => {};

  /** @param {{load: () => import('./keep.js').Member|null, save: (m: import('./keep.js').Member|null) => void}} keep */
  constructor({ load, save }) {
    this.#load = load;
    this.#save = save;
  }

  /** @returns {import('./keep.js').Member|null} read each time: another tab may have a fresher token */
  get member() {
    return this.#load();
  }

  /** @param {() => void} callback called when the server no longer knows this member */
  onSignedOut(callback) {
    this.#signedOut = callback;
  }

  /** @param {string} nickname */
  async signUp(nickname) {
    const member = await this.#call('POST', '/match/members', { body: { nickname } });
    this.#save(member);
    return member;
  }

  /** @param {{q?:string, genre?:string, sort?:string, limit?:number, cursor?:string}} query */
  movies(query) {
    const set = Object.entries(query).filter(([, value]) => value);
    return this.#call('GET', `/match/movies?${new URLSearchParams(set)}`);
  }

  /** @param {string} id */
  movie(id) {
    return this.#call('GET', `/match/movies/${encodeURIComponent(id)}`);
  }

  queue() {
    return this.#asMember('GET', '/match/queue');
  }

  /** @param {string} movieId */
  join(movieId) {
    return this.#asMember('PUT', '/match/queue', { body: { movieId } });
  }

  leaveQueue() {
    return this.#asMember('DELETE', '/match/queue');
  }

  /** @param {string} ticket */
  enterRoom(ticket) {
    return this.#asMember('POST', '/chat/rooms', { body: { ticket } });
  }

  rooms() {
    return this.#asMember('GET', '/chat/rooms');
  }

  /** @param {string} id */
  room(id) {
    return this.#asMember('GET', `/chat/rooms/${encodeURIComponent(id)}`);
  }

  /**
   * @param {string} id
   * @param {{before?:number, after?:number, limit?:number}} page
   */
  messages(id, page) {
    return this.#asMember('GET', `/chat/rooms/${encodeURIComponent(id)}/messages?${new URLSearchParams(page)}`);
  }

  /** @param {string} id */
  leaveRoom(id) {
    return this.#asMember('DELETE', `/chat/rooms/${encodeURIComponent(id)}/members/me`);
  }

  /**
   * A token that is good for a while.
   * @param {{refused?: string}} [than] a token that the server has just refused
   * @returns {Promise<string>}
   */
  async token({ refused } = {}) {
    const member = this.member;
    if (!member) throw new Problem({ status: 401, type: 'no-member', detail: 'Please choose a nickname first.' });
    const left = Date.parse(member.expiresAt) - Date.now();
    if (member.token !== refused && left > FRESH_BEFORE) return member.token;
    try {
      this.#refreshing ??= this.#refresh(member.token).finally(() => (this.#refreshing = null));
      return await this.#refreshing;
    } catch (problem) {
      // Not fresh, but good still: match-service being away must not stop anyone who chats.
      if (problem.temporary && member.token !== refused && left > 0) return member.token;
      throw problem;
    }
  }

  async #refresh(token) {
    try {
      const member = await this.#call('POST', '/match/members/me/token', { token, timeout: MAX_REFRESH_WAIT });
      this.#save(member);
      return member.token;
    } catch (problem) {
      // Another tab may have become somebody new meanwhile: then nothing of theirs is forgotten.
      if (problem.status === 401 && this.member?.token === token) {
        this.#save(null);
        this.#signedOut();
      }
      throw problem;
    }
  }

  /** A call with the member's token; a token that turns out to be expired is replaced once. */
  async #asMember(method, path, options = {}) {
    const token = await this.token();
    try {
      return await this.#call(method, path, { ...options, token });
    } catch (problem) {
      // A refused room ticket is a 401 too; then a fresh member token changes nothing and 401 comes again.
      if (problem.status !== 401) throw problem;
      return this.#call(method, path, { ...options, token: await this.token({ refused: token }) });
    }
  }

  async #call(method, path, { token, body, timeout = TIMEOUT } = {}) {
    const headers = { Accept: 'application/json' };
    if (token) headers.Authorization = `Bearer ${token}`;
    if (body) headers['Content-Type'] = 'application/json';
    try {
      const response = await fetch(path, {
        method,
        headers,
        body: body && JSON.stringify(body),
        cache: 'no-store',
        signal: AbortSignal.timeout(timeout),
      });
      if (!response.ok) throw await problemOf(response);
      return response.status === 204 ? null : await response.json();
    } catch (error) {
      if (error instanceof Problem) throw error;
      console.warn(method, path, error);
      throw new Problem({ status: 0, type: 'offline', detail: 'The server cannot be reached. Are you online?' });
    }
  }
}
