// The films: search, choose, wait. And the rooms one is already in.

import { h } from './dom.js';
import { FilmList } from './filmlist.js';
import { filterForm } from './filterform.js';
import { filtersOf, hashOf, queryOf } from './filters.js';
import { line } from './line.js';
import { myRooms } from './myrooms.js';
import { t } from './words.js';

const RECOUNT = 10_000; // ms between two looks at who waits where
const ROOMS = 30_000; // ms between two looks at what is unread

/**
 * @param {import('./app.js').App} app
 * @returns {import('./app.js').Screen}
 */
export function lobby(app) {
  const rooms = myRooms(app);
  const title = h('h1', { tabindex: '-1' }, t('lobby.title'));
  const hint = h('p', { class: 'hint', hidden: true });
  const list = new FilmList({
    movies: async (query) => {
      const page = await app.api.movies(query);
      page.items.forEach((/** @type {import('./poster.js').Film} */ film) => app.films.know(film));
      return page;
    },
    choose: (film, node) => attempt(node, () => app.wait(film)),
    also: (film, node) => attempt(node, () => app.choices.toggle(film.movieId)),
    markOf: (movieId) => app.choices.markOf(movieId),
  });
  const form = filterForm((filters) => {
    app.lookFor(hashOf(filters));
    void list.reset(queryOf(filters));
  });
  const look = () => {
    const filters = filtersOf(location.hash);
    form.fill(filters);
    void list.reset(queryOf(filters));
  };
  const update = () => {
    list.mark();
    hint.hidden = app.queue.state.state !== 'waiting';
    hint.textContent = t('lobby.alsoHint');
  };
  const slash = (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target instanceof Element && event.target.closest('input, select, textarea, dialog')) return;
    event.preventDefault();
    form.focus();
  };
  document.addEventListener('keydown', slash);
  const looks = [
    setInterval(() => document.hidden || list.recount(), RECOUNT),
    setInterval(() => document.hidden || rooms.load(), ROOMS),
  ];

  look();
  update();
  const node = h('section', { class: 'lobby' },
    rooms.node, title, form.node, hint, list.node);
  const moved = () => {
    look();
    title.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  };
  const close = () => {
    document.removeEventListener('keydown', slash);
    looks.forEach(clearInterval);
    form.close();
    list.close();
  };
  return { node, title: t('lobby.window'), update, moved, close };
}

/**
 * Does what a tap on a poster asks for; what goes wrong is said there.
 * @param {HTMLElement} node the poster
 * @param {() => Promise<void>} action
 */
async function attempt(node, action) {
  node.querySelector('.line')?.remove();
  try {
    await action();
  } catch (problem) {
    const error = line();
    node.append(error.node);
    error.show(problem);
  }
}
