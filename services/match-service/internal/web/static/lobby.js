// The films: search, choose, wait. And the rooms one is already in.

import { h } from './dom.js';
import { line } from './line.js';
import { poster } from './poster.js';
import { myRooms } from './myrooms.js';
import { t } from './words.js';

const TYPING = 250; // ms without a key before we ask
const RECOUNT = 10_000; // ms between two looks at who waits where
const PAGE = 24; // fills rows of two, three, four and six
const MAX_PAGE = 100; // the most that one call may ask for
const SORTS = ['popular', 'rating', 'year', 'title'];
const GENRES = ['Action', 'Adventure', 'Black Comedy', 'Comedy', 'Documentary', 'Drama', 'Horror',
  'Musical', 'Romantic Comedy', 'Thriller/Suspense', 'Western'];

/**
 * @param {import('./app.js').App} app
 * @returns {import('./app.js').Screen}
 */
export function lobby(app) {
  const list = new FilmList(app);
  const rooms = myRooms(app);
  const search = h('input', { type: 'search', id: 'q', placeholder: t('lobby.placeholder'), autocomplete: 'off' });
  const genre = select('genre', [['', t('lobby.allGenres')], ...GENRES.map((name) => [name, t(`genre.${name}`)])]);
  const sort = select('sort', SORTS.map((name) => [name, t(`sort.${name}`)]));
  const ask = () => list.reset({ q: search.value.trim(), genre: genre.value, sort: sort.value });

  let typing;
  search.addEventListener('input', () => {
    clearTimeout(typing);
    typing = setTimeout(ask, TYPING);
  });
  genre.addEventListener('change', ask);
  sort.addEventListener('change', ask);
  const recount = setInterval(() => document.hidden || list.recount(), RECOUNT);

  ask();
  const node = h('section', { class: 'lobby' },
    rooms.node,
    h('h1', { tabindex: '-1' }, t('lobby.title')),
    h('form', { class: 'filters', role: 'search', onsubmit: (event) => { event.preventDefault(); ask(); } },
      field(t('lobby.search'), search), field(t('lobby.genre'), genre), field(t('lobby.sort'), sort)),
    list.node);
  const close = () => {
    clearTimeout(typing);
    clearInterval(recount);
    list.close();
  };
  return { node, title: t('lobby.window'), close };
}

const select = (id, options) => h('select', { id }, ...options.map(([value, text]) => h('option', { value }, text)));
const field = (text, input) => h('div', { class: 'field' }, h('label', { for: input.id }, text), input);

/** The list under the filters: pages, counts, and what goes wrong with them. */
class FilmList {
  #app;
  #asked = 0; // answers to questions that are no longer asked are dropped
  #query = {};
  #cursor;
  #posters = new Map();
  #films = h('ul', { class: 'films' });
  #status = line({ role: 'status' });
  #error = line();
  #more = h('button', { class: 'quiet more', hidden: true, onclick: () => this.#load() }, t('lobby.more'));

  constructor(app) {
    this.#app = app;
    this.node = h('div', {}, this.#status.node, this.#films, this.#error.node, this.#more);
  }

  reset(query) {
    this.#query = query;
    this.#cursor = undefined;
    return this.#load();
  }

  close() {
    this.#asked++;
  }

  async #load() {
    const asked = ++this.#asked;
    this.#more.disabled = true;
    this.#error.say('');
    try {
      const page = await this.#app.api.movies({ ...this.#query, limit: PAGE, cursor: this.#cursor });
      if (asked === this.#asked) this.#show(page);
    } catch (problem) {
      if (asked === this.#asked) this.#failed(problem);
    } finally {
      this.#more.disabled = false;
    }
  }

  #show({ items, nextCursor }) {
    if (!this.#cursor) {
      this.#films.replaceChildren();
      this.#posters.clear();
    }
    // Popularity moves while one reads: a film of the page before is not shown again.
    for (const film of items.filter(({ movieId }) => !this.#posters.has(movieId))) {
      const shown = poster(film, (chosen, node) => this.#choose(chosen, node));
      this.#posters.set(film.movieId, shown);
      this.#films.append(shown.node);
    }
    this.#cursor = nextCursor;
    this.#more.textContent = t('lobby.more');
    this.#more.hidden = !nextCursor;
    this.#status.say(this.#posters.size === 0 ? t('lobby.none') : '');
  }

  #failed(problem) {
    this.#error.show(problem);
    this.#more.textContent = t('again');
    this.#more.hidden = false;
  }

  async #choose(film, node) {
    const error = line();
    node.querySelector('.line')?.remove();
    node.append(error.node);
    try {
      await this.#app.wait(film);
    } catch (problem) {
      error.show(problem);
    }
  }

  /** Fresh counts for what is shown; nothing moves under anybody's finger. */
  async recount() {
    const asked = this.#asked;
    if (this.#posters.size === 0) return;
    try {
      const limit = Math.min(MAX_PAGE, this.#posters.size);
      const { items } = await this.#app.api.movies({ ...this.#query, limit });
      if (asked !== this.#asked) return;
      for (const film of items) this.#posters.get(film.movieId)?.count(film.waiting);
    } catch (problem) {
      console.warn('the counts stay as they are', problem); // the next look is ten seconds away
    }
  }
}
