// Who looks around and waits: the calls and the place in the queue, all of it but the rooms.
// A page that wants to be seen early begins with one and hands it to Sixseat later.

import { Api } from './api.js';
import { Http } from './http.js';
import { Keep } from './keep.js';
import { Queue } from './queue.js';
import { EventStream } from './stream.js';

/** @typedef {import('./contract.d.ts').Member} Member */

/**
 * @typedef {object} Options
 * @property {string} [url] of the server, `https://sixseat.example`; '' is the page's own origin
 * @property {import('./keep.js').Store|null} [storage] where the member and what is unsent are kept:
 *   localStorage unless it is said, in memory where there is none or for null
 * @property {Member} [member] a member that signed up earlier; else the one in the storage, or signUp()
 */

export class Visitor {
  /** The calls of the REST interface, one method for each. */
  api;
  url;
  keep;
  #http;

  /** @param {Options} [options] */
  constructor({ url = '', storage, member } = {}) {
    this.url = url;
    this.keep = new Keep(storage);
    this.#http = new Http(url);
    this.api = new Api({ http: this.#http, keep: this.keep });
    if (member) this.api.member = member;
  }

  /**
   * The member's place in the queue, followed live.
   * @param {Omit<ConstructorParameters<typeof Queue>[0], 'api'|'openStream'>} on
   */
  queue(on) {
    return new Queue({
      ...on,
      api: this.api,
      openStream: (listener) => new EventStream({
        url: this.#http.at('/match/queue/events'), token: (than) => this.api.token(than), ...listener,
      }),
    });
  }
}
