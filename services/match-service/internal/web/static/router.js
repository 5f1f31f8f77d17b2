// Which screen stands at which address.

import { roomOf } from './banner.js';
import { tell } from './frame.js';
import { lobby } from './lobby.js';
import { readable } from './readable.js';
import { waiting } from './waiting.js';

/** @typedef {import('./stage.js').Screen} Screen */

export class Router {
  #given;
  #lobby = '#/films'; // its address, with what was looked for last

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

  /** Typing is no journey: back leads to where one came from. @param {string} hash of the lobby */
  lookFor(hash) {
    this.#lobby = hash;
    history.replaceState(null, '', hash);
  }

  /** Shows what stands at the address of now. */
  route() {
    const { app, news } = this.#given;
    if (!app().api.member) return;
    const [path] = location.hash.split('?');
    const roomId = roomOf(path);
    if (roomId) void this.#enterRoom(path, roomId);
    else if (path === '#/waiting' && news.waiting) this.#enter(path, () => waiting(app()));
    else {
      this.#lobby = path === '#/films' ? location.hash : '#/films';
      this.#enter('#/films', () => lobby(app()));
    }
    news.refreshBanner();
  }

  /** @param {string} path @param {string} roomId */
  async #enterRoom(path, roomId) {
    const { app, news, rooms } = this.#given;
    try {
      const { chat, sixseat } = await rooms.load();
      if (location.hash === path) this.#enter(path, () => chat(app(), sixseat, roomId));
      news.refreshBanner();
    } catch (problem) {
      tell(readable(problem));
    }
  }

  /** @param {string} path @param {() => Screen} make */
  #enter(path, make) {
    const { app, stage, news } = this.#given;
    news.goesTo(path);
    stage.enter(path, make, news.waiting ? app().queue.state : undefined);
  }
}
