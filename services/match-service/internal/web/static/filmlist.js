// The wall of posters: pages that come as one scrolls, and how many wait for each film.

import { Counts } from './counts.js';
import { h } from './dom.js';
import { line } from './line.js';
import { poster } from './poster.js';
import { t } from './words.js';

const PAGE = 24; // fills rows of two, three, four and six
const AHEAD = '800px'; // how far below the window's edge the next page is fetched

/** @typedef {{items: import('./poster.js').Film[], nextCursor?: string}} Page */

export class FilmList {
  #given;
  #asked = 0; // answers to questions that are no longer asked are dropped
  /** @type {Record<string, string>} */
  #query = {};
  /** @type {string|undefined} */
  #cursor;
  /** @type {Map<string, import('./poster.js').Poster>} */
  #posters = new Map();
  #counts = new Counts((cursor) => this.#page(cursor), (movieId, waiting) => this.#posters.get(movieId)?.count(waiting));
  #films = h('ul', { class: 'films', role: 'list' });
  #status = line({ role: 'status' });
  #found = h('p', { class: 'unseen', role: 'status' });
  #all = h('a', { class: 'all', href: '#/films', hidden: true }, t('lobby.all'));
  #error = line();
  #more = h('button', { class: 'quiet more', hidden: true, onclick: () => this.#load() }, t('lobby.more'));
  // Who scrolls meets the button before seeing it; with a keyboard or after an error it is pressed.
  #ahead = new IntersectionObserver(([{ isIntersecting }]) => {
    if (isIntersecting && !this.#more.disabled && !this.#error.node.textContent) void this.#load();
  }, { rootMargin: AHEAD });

  /**
   * @param {object} given
   * @param {(query: object) => Promise<Page>} given.movies
   * @param {(film: import('./poster.js').Film, node: HTMLElement) => void} given.choose
   * @param {(film: import('./poster.js').Film, node: HTMLElement) => void} given.also
   * @param {(movieId: string) => [import('./poster.js').Mine, 'add'|'remove'|'']} given.markOf
   */
  constructor(given) {
    this.#given = given;
    this.node = h('div', {}, this.#status.node, this.#found, this.#all, this.#films, this.#error.node, this.#more);
    this.#ahead.observe(this.#more);
  }

  /** @param {Record<string, string>} query */
  reset(query) {
    this.#query = query;
    this.#cursor = undefined;
    return this.#load();
  }

  close() {
    this.#asked++;
    this.#ahead.disconnect();
  }

  /** The member's own choices have changed. */
  mark() {
    for (const [movieId, shown] of this.#posters) shown.mark(...this.#given.markOf(movieId));
  }

  async #load() {
    const asked = ++this.#asked;
    const cursor = this.#cursor;
    this.#more.disabled = true;
    this.#films.setAttribute('aria-busy', 'true');
    this.#error.say('');
    try {
      const page = await this.#page(cursor);
      if (asked === this.#asked) this.#show(page, cursor);
    } catch (problem) {
      if (asked === this.#asked) this.#failed(problem);
    }
    if (asked !== this.#asked) return;
    this.#more.disabled = false;
    this.#films.removeAttribute('aria-busy');
    this.#lookAgain();
  }

  /** The observer tells changes only; the button may still be near after a short page. */
  #lookAgain() {
    this.#ahead.unobserve(this.#more);
    this.#ahead.observe(this.#more);
  }

  /** @param {Page} page @param {string|undefined} cursor */
  #show({ items, nextCursor }, cursor) {
    if (!cursor) {
      this.#films.replaceChildren();
      this.#posters.clear();
      this.#counts.clear();
    }
    // Popularity moves while one reads: a film of the page before is not shown again.
    const nodes = items.filter(({ movieId }) => !this.#posters.has(movieId)).map((film) => {
      const shown = poster(film, { choose: this.#given.choose, also: this.#given.also });
      this.#posters.set(film.movieId, shown);
      shown.count(film.waiting);
      shown.mark(...this.#given.markOf(film.movieId));
      return shown.node;
    });
    this.#films.append(...nodes);
    this.#counts.add({ cursor, nodes });
    this.#cursor = nextCursor;
    this.#more.textContent = t('lobby.more');
    this.#more.hidden = !nextCursor;
    const n = this.#posters.size;
    this.#status.say(n === 0 ? t('lobby.none') : '');
    this.#all.hidden = n > 0;
    // Who sees the wall needs no count of it.
    if (!cursor) this.#found.textContent = n === 0 ? '' : t(nextCursor ? 'lobby.foundMore' : 'lobby.found', { n });
  }

  /** @param {unknown} problem */
  #failed(problem) {
    this.#error.show(problem);
    this.#more.textContent = t('again');
    this.#more.hidden = false;
  }

  /** Fresh counts for the pages that one sees. */
  recount() {
    const asked = this.#asked;
    return this.#counts.refresh(() => asked === this.#asked);
  }

  /** @param {string} [cursor] */
  #page(cursor) {
    return this.#given.movies({ ...this.#query, limit: PAGE, cursor });
  }
}
