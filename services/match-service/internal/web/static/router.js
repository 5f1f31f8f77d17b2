// Which screen stands at which address.

import { arriving } from './arriving.js';
import { roomOf } from './banner.js';
import { lobby } from './lobby.js';
import { NOWHERE } from './stage.js';

/** @typedef {import('./stage.js').Screen} Screen */

export class Router {
  #given;
  #lobby = '#/films'; // its address, with what was looked for last
  #at = ''; // the address of the screen that is shown
  // Screens that are not the first that one sees, once they are here.
  /** @type {typeof import('./waiting.js').waiting|null} */
  #waiting = null;
  /** @type {Awaited<ReturnType<import('./rooms.js').Rooms['load']>>|null} */
  #room = null;

  /**
   * @param {object} given
   * @param {() => import('./app.js').App} given.app
   * @param {import('./stage.js').Stage} given.stage
   * @param {import('./news.js').News} given.news
   * @param {import('./rooms.js').Rooms} given.rooms
   */
  constructor(given) {
    this.#given = given;
  }

  /** @param {string} hash '#/films' leads to what was looked for last */
  go(hash) {
    const to = hash === '#/films' ? this.#lobby : hash;
    if (location.hash === to) this.route();
    else location.hash = to;
  }

  /**
   * Typing is no journey: back leads to where one came from. Who has just been sent elsewhere, and has
   * not been told of it yet, goes there all the same.
   * @param {string} hash of the lobby
   */
  lookFor(hash) {
    this.#lobby = hash;
    if (location.hash !== this.#at) return;
    history.replaceState(null, '', hash);
    this.#at = location.hash;
  }

  /** Shows what stands at the address of now. */
  route() {
    const { app, news } = this.#given;
    if (!app().api.member) return;
    this.#at = location.hash;
    const [path] = location.hash.split('?');
    const roomId = roomOf(path);
    if (roomId) this.#enterRoom(path, roomId);
    else if (path === '#/waiting' && news.waiting) this.#enterWaiting(path);
    else {
      this.#lobby = path === '#/films' ? location.hash : '#/films';
      this.#enter('#/films', () => lobby(app()));
    }
    news.refreshBanner();
  }

  /** @param {string} path */
  #enterWaiting(path) {
    const { app } = this.#given;
    const screen = this.#waiting;
    if (screen) this.#enter(path, () => screen(app()));
    else this.#await(path, async () => (this.#waiting = (await import('./waiting.js')).waiting));
  }

  /** @param {string} path @param {string} roomId */
  #enterRoom(path, roomId) {
    const { app, rooms } = this.#given;
    const room = this.#room;
    if (room) this.#enter(path, () => room.chat(app(), room.sixseat, roomId));
    else this.#await(path, async () => (this.#room = await rooms.load()));
  }

  /** When it is here, one may have gone elsewhere: the address of then counts. @param {string} path @param {() => Promise<any>} fetch */
  #await(path, fetch) {
    const { stage } = this.#given;
    const arrived = () => {
      stage.place = NOWHERE;
      this.route();
    };
    this.#enter(path, () => arriving({ fetch, arrived }));
  }

  /** @param {string} path @param {() => Screen} make */
  #enter(path, make) {
    const { app, stage, news } = this.#given;
    news.goesTo(path);
    stage.enter(path, make, news.waiting ? app().queue.state : undefined);
  }
}
