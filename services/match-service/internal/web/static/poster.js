// One film as a typographic poster: no pictures to download, genre and decade give the colour.

import { h } from './dom.js';
import { hasWords, t } from './words.js';

const SEATS = 6;
const TONES = 12; // as many as there are [data-tone] rules in style.css

/**
 * @param {object} film of GET /match/movies
 * @param {(film: object, poster: {error: (node: HTMLElement) => void}) => void} choose
 * @returns {{node: HTMLElement, count: (waiting: number) => void}}
 */
export function poster(film, choose) {
  const waiting = h('span', { class: 'waiting' });
  const facts = [genreOf(film), film.releaseYear && String(film.releaseYear), film.runningTimeMin && t('film.minutes', { n: film.runningTimeMin })];
  const button = h('button', { class: 'poster', 'data-tone': toneOf(film), onclick: () => choose(film, node) },
    h('span', { class: 'facts' }, facts.filter(Boolean).join(' · ')),
    h('span', { class: 'title' }, film.title),
    h('span', { class: 'director' }, film.director ? t('film.by', { director: film.director }) : ''),
    h('span', { class: 'foot' },
      h('span', {}, film.rating ? `★ ${film.rating.toFixed(1)}` : ''), waiting));
  const node = h('li', {}, button);

  const count = (n) => {
    waiting.textContent = n > 0 ? t('film.waiting', { n, seats: SEATS }) : t('film.first');
    waiting.classList.toggle('some', n > 0);
  };
  count(film.waiting);
  return { node, count };
}

/** The genre's name; the catalogue may know more genres than we have words for. */
const genreOf = ({ genre }) => (hasWords(`genre.${genre}`) ? t(`genre.${genre}`) : genre);

function toneOf({ genre = '', releaseYear = 0 }) {
  let sum = Math.floor(releaseYear / 10);
  for (const letter of genre) sum = (sum * 31 + letter.codePointAt(0)) % 9973;
  return sum % TONES;
}
