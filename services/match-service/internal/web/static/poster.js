// One film as a typographic poster, with the crowd below it. No pictures: composition.js
// says how it looks.

import { compose } from './composition.js';
import { h } from './dom.js';
import { hasWords, t } from './words.js';

const SEATS = 6;

/**
 * @typedef {object} Film of GET /match/movies
 * @property {string} movieId
 * @property {string} title
 * @property {number} [releaseYear]
 * @property {string} [director]
 * @property {string} [genre]
 * @property {number} [runningTimeMin]
 * @property {number} [rating]
 * @property {number} waiting
 */

/**
 * @typedef {'first'|'also'|''} Mine whether this member waits for the film
 * @typedef {object} Poster
 * @property {HTMLElement} node
 * @property {(waiting: number) => void} count
 * @property {(mine: Mine, also: 'add'|'remove'|'') => void} mark and which second choice can be made of it
 */

/**
 * @param {Film} film
 * @param {{choose: (film: Film, node: HTMLElement) => void, also: (film: Film, node: HTMLElement) => void}} on
 * @returns {Poster}
 */
export function poster(film, on) {
  const text = h('span', { class: 'waiting' });
  const spoken = h('span', { class: 'unseen' });
  const dots = h('span', { class: 'dots' }, ...Array.from({ length: SEATS }, () => h('i')));
  const also = h('button', { class: 'also', type: 'button', hidden: true, onclick: () => on.also(film, node) });
  const button = h('button', { class: 'poster', type: 'button', onclick: () => on.choose(film, node) },
    spoken, sheet(film), h('span', { class: 'crowd', 'aria-hidden': 'true' }, dots, text));
  const node = h('li', { 'data-movie': film.movieId }, button, also);

  let crowd = film.waiting;
  const speak = () => {
    const count = crowd > 0 ? `${text.textContent} ${t('film.waiting')}` : text.textContent;
    const mine = { first: t('film.mine'), also: t('film.mineAlso') }[node.dataset.mine ?? ''];
    spoken.textContent = [film.title, ...Object.values(factsOf(film)), count, mine].filter(Boolean).join(', ');
  };
  return {
    node,
    count(n) {
      crowd = n;
      text.textContent = n > 0 ? t('film.count', { n, seats: SEATS }) : t('film.first');
      dots.dataset.taken = String(Math.min(n, SEATS));
      speak();
    },
    mark(mine, choice) {
      node.dataset.mine = mine;
      speak();
      also.hidden = choice === '';
      also.textContent = choice === 'remove' ? t('film.notAlso') : t('film.also');
      also.setAttribute('aria-label', `${also.textContent}: ${film.title}`);
    },
  };
}

/**
 * The poster itself, for eyes alone: its order and its capitals are those of a picture.
 * @param {Film} film
 */
export function sheet(film) {
  const { layout, palette, face, size, turn, lines } = compose(film);
  const { by, genre, year, minutes, rating } = factsOf(film);
  return h('span', { class: 'sheet', 'aria-hidden': 'true', 'data-layout': layout, 'data-palette': palette, 'data-face': face, 'data-turn': turn },
    h('span', { class: 'art', 'data-year': year.slice(2), 'data-rating': Math.round(film.rating ?? 5) }),
    h('span', { class: 'text' },
      h('span', { class: 'title', 'data-size': size }, ...titleOf(lines)),
      h('span', { class: 'credits' },
        h('span', { class: 'director' }, by),
        h('span', { class: 'facts' }, [genre, year].filter(Boolean).join(' · '), h('span', { class: 'minutes' }, minutes && ` · ${minutes}`))),
      h('span', { class: 'rating' }, rating)));
}

/** What a poster says, '' where the catalogue does not know it. @param {Film} film */
function factsOf({ director, genre = '', releaseYear, runningTimeMin, rating }) {
  return {
    by: director ? t('film.by', { director }) : '',
    genre: hasWords(`genre.${genre}`) ? t(`genre.${genre}`) : genre, // there may be more genres than we have words for
    year: releaseYear ? String(releaseYear) : '',
    minutes: runningTimeMin ? t('film.minutes', { n: runningTimeMin }) : '',
    rating: rating ? `★\u00a0${rating.toFixed(1)}` : '',
  };
}

/** @param {string[]} lines */
const titleOf = (lines) => (lines.length === 1
  ? lines
  : lines.flatMap((line) => [h('span', { 'data-letters': line.length }, line), ' ']));
