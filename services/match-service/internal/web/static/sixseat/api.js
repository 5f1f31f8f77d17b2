// The calls of the public contract, one method for each.

import { Http } from './http.js';
import { Identity } from './identity.js';
import { Keep } from './keep.js';

const PICTURE = 60_000; // ms for one picture: 5 MiB on a slow line

/** @typedef {{seat: number, memberId: string, nickname: string}} Seat */

/**
 * @typedef {object} RoomMember
 * @property {string} memberId
 * @property {string} nickname
 * @property {boolean} [online] absent while it is not known
 * @property {number} lastReadSeq
 */

/**
 * A room as chat-service tells it.
 * @typedef {object} RoomDetails
 * @property {string} roomId
 * @property {string} movieId
 * @property {string} title
 * @property {string} createdAt
 * @property {number} lastSeq
 * @property {Seat[]} seats
 * @property {RoomMember[]} members who entered and have not left
 */

/** @typedef {RoomDetails & {unread: number}} RoomItem */
/** @typedef {{items: import('./timeline.js').Message[], hasMore: boolean}} Page */

export class Api extends Identity {
  #http;

  /** @param {{http?: Http, keep?: Keep}} [given] */
  constructor({ http = new Http(''), keep = new Keep() } = {}) {
    super(http, keep);
    this.#http = http;
  }

  /** @param {{q?: string, genre?: string, sort?: string, limit?: number, cursor?: string, [more: string]: any}} query */
  movies(query) {
    const set = Object.entries(query).filter(([, value]) => value);
    return this.#http.call('GET', `/match/movies?${new URLSearchParams(set.map(([name, value]) => [name, String(value)]))}`);
  }

  /** @param {string} id */
  movie(id) {
    return this.#http.call('GET', `/match/movies/${encodeURIComponent(id)}`);
  }

  /** @returns {Promise<import('./queue.js').State>} */
  queue() {
    return this.#asMember('GET', '/match/queue');
  }

  /**
   * @param {string} movieId
   * @param {string[]} [alsoMovieIds] second choices
   * @returns {Promise<import('./queue.js').State>}
   */
  join(movieId, alsoMovieIds = []) {
    const body = alsoMovieIds.length > 0 ? { movieId, alsoMovieIds } : { movieId };
    return this.#asMember('PUT', '/match/queue', { body });
  }

  leaveQueue() {
    return this.#asMember('DELETE', '/match/queue');
  }

  /** The rooms that this member was matched into, with fresh tickets. */
  tickets() {
    return this.#asMember('GET', '/match/rooms');
  }

  /**
   * @param {string} ticket
   * @returns {Promise<RoomDetails>}
   */
  enterRoom(ticket) {
    return this.#asMember('POST', '/chat/rooms', { body: { ticket } });
  }

  /** @returns {Promise<{items: RoomItem[]}>} */
  rooms() {
    return this.#asMember('GET', '/chat/rooms');
  }

  /**
   * @param {string} id
   * @returns {Promise<RoomDetails>}
   */
  room(id) {
    return this.#asMember('GET', `/chat/rooms/${encodeURIComponent(id)}`);
  }

  /**
   * @param {string} id
   * @param {{before?: number, after?: number, limit?: number}} page
   * @returns {Promise<Page>}
   */
  messages(id, page) {
    const query = new URLSearchParams(Object.entries(page).map(([name, value]) => [name, String(value)]));
    return this.#asMember('GET', `/chat/rooms/${encodeURIComponent(id)}/messages?${query}`);
  }

  /**
   * A place for a picture that is uploaded there.
   * @param {string} id
   * @param {{contentType: string, bytes: number}} picture
   * @returns {Promise<{imageId: string, upload: {url: string, headers: Record<string, string>}, expiresAt: string}>}
   */
  offerPicture(id, picture) {
    return this.#asMember('POST', `/chat/rooms/${encodeURIComponent(id)}/images`, { body: picture });
  }

  /**
   * A picture that was sent in a room.
   * @param {string} id
   * @param {string} imageId
   * @returns {Promise<Blob>}
   */
  picture(id, imageId) {
    return this.#asMember('GET', `/chat/rooms/${encodeURIComponent(id)}/images/${encodeURIComponent(imageId)}`, { blob: true, timeout: PICTURE });
  }

  /** @param {string} id */
  leaveRoom(id) {
    return this.#asMember('DELETE', `/chat/rooms/${encodeURIComponent(id)}/members/me`);
  }

  /**
   * A call with the member's token; a token that turns out to be expired is replaced once.
   * @param {string} method
   * @param {string} path
   * @param {import('./http.js').Options} [options]
   */
  async #asMember(method, path, options = {}) {
    const token = await this.token();
    try {
      return await this.#http.call(method, path, { ...options, token });
    } catch (/** @type {any} */ problem) {
      // A refused room ticket is a 401 too; then a fresh member token changes nothing and 401 comes again.
      if (problem.status !== 401) throw problem;
      return this.#http.call(method, path, { ...options, token: await this.token({ refused: token }) });
    }
  }
}
