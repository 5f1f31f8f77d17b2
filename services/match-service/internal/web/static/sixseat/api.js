// The calls of the public contract, one method for each.

import { Http } from './http.js';
import { Identity } from './identity.js';
import { Keep } from './keep.js';

const PICTURE = 60_000; // ms for one picture: 5 MiB on a slow line

/** @typedef {import('./contract.d.ts').RoomDetails} RoomDetails */
/** @typedef {import('./contract.d.ts').State} State */

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

  /** @returns {Promise<State>} */
  queue() {
    return this.asMember('GET', '/match/queue');
  }

  /**
   * @param {string} movieId
   * @param {string[]} [alsoMovieIds] second choices
   * @returns {Promise<State>}
   */
  join(movieId, alsoMovieIds = []) {
    const body = alsoMovieIds.length > 0 ? { movieId, alsoMovieIds } : { movieId };
    return this.asMember('PUT', '/match/queue', { body });
  }

  leaveQueue() {
    return this.asMember('DELETE', '/match/queue');
  }

  /** The rooms that this member was matched into, with fresh tickets. */
  tickets() {
    return this.asMember('GET', '/match/rooms');
  }

  /**
   * @param {string} ticket
   * @returns {Promise<RoomDetails>}
   */
  enterRoom(ticket) {
    return this.asMember('POST', '/chat/rooms', { body: { ticket } });
  }

  /** @returns {Promise<{items: import('./contract.d.ts').RoomItem[]}>} */
  rooms() {
    return this.asMember('GET', '/chat/rooms');
  }

  /**
   * @param {string} id
   * @returns {Promise<RoomDetails>}
   */
  room(id) {
    return this.asMember('GET', `/chat/rooms/${encodeURIComponent(id)}`);
  }

  /**
   * @param {string} id
   * @param {{before?: number, after?: number, limit?: number}} page
   * @returns {Promise<import('./contract.d.ts').Page>}
   */
  messages(id, page) {
    const query = new URLSearchParams(Object.entries(page).map(([name, value]) => [name, String(value)]));
    return this.asMember('GET', `/chat/rooms/${encodeURIComponent(id)}/messages?${query}`);
  }

  /**
   * A place for a picture that is uploaded there.
   * @param {string} id
   * @param {{contentType: string, bytes: number}} picture
   * @returns {Promise<{imageId: string, upload: {url: string, headers: Record<string, string>}, expiresAt: string}>}
   */
  offerPicture(id, picture) {
    return this.asMember('POST', `/chat/rooms/${encodeURIComponent(id)}/images`, { body: picture });
  }

  /**
   * A picture that was sent in a room.
   * @param {string} id
   * @param {string} imageId
   * @returns {Promise<Blob>}
   */
  picture(id, imageId) {
    return this.asMember('GET', `/chat/rooms/${encodeURIComponent(id)}/images/${encodeURIComponent(imageId)}`, { blob: true, timeout: PICTURE });
  }

  /** @param {string} id */
  leaveRoom(id) {
    return this.asMember('DELETE', `/chat/rooms/${encodeURIComponent(id)}/members/me`);
  }
}
