// The search field and the choices beside it.

import { h } from './dom.js';
import { DECADES, GENRES, SORTS } from './filters.js';
import { t } from './words.js';

const TYPING = 250; // ms without a key before we ask

/**
 * @param {(filters: import('./filters.js').Filters) => void} changed
 * @returns {{node: HTMLElement, fill: (filters: import('./filters.js').Filters) => void, focus: () => void, close: () => void}}
 */
export function filterForm(changed) {
  const q = h('input', {
    type: 'search', id: 'q', placeholder: t('lobby.placeholder'), autocomplete: 'off', enterkeyhint: 'search',
    maxlength: '100', 'aria-keyshortcuts': '/',
  });
  const genre = select('genre', t('lobby.allGenres'), GENRES.map((name) => [name, t(`genre.${name}`)]));
  const years = select('years', t('lobby.allYears'), DECADES.map((year) => [year, yearsOf(year)]));
  const sort = select('sort', t('sort.popular'), SORTS.slice(1).map((name) => [name, t(`sort.${name}`)]));

  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let typing;
  const tell = () => {
    clearTimeout(typing);
    changed({ q: q.value, genre: genre.value, years: years.value, sort: sort.value });
  };
  q.addEventListener('input', () => {
    clearTimeout(typing);
    typing = setTimeout(tell, TYPING);
  });
  for (const choice of [genre, years, sort]) choice.addEventListener('change', tell);
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    tell();
  };
  const node = h('form', { class: 'filters', role: 'search', onsubmit: submit },
    field(t('lobby.search'), q), field(t('lobby.genre'), genre), field(t('lobby.years'), years), field(t('lobby.sort'), sort));
  return {
    node,
    fill: (filters) => {
      [q.value, genre.value, years.value, sort.value] = [filters.q, filters.genre, filters.years, filters.sort];
    },
    focus: () => q.select(),
    close: () => clearTimeout(typing),
  };
}

/** @param {string} year of DECADES */
function yearsOf(year) {
  if (year === DECADES[0]) return t('years.since', { year });
  if (year === DECADES.at(-1)) return t('years.before', { year: String(Number(year) + 10) });
  return t('years.decade', { year });
}

/** @param {string} id @param {string} none @param {string[][]} options */
const select = (id, none, options) =>
  h('select', { id }, ...[['', none], ...options].map(([value, text]) => h('option', { value }, text)));

/** @param {string} text @param {HTMLElement} input */
const field = (text, input) => h('div', { class: 'field' }, h('label', { for: input.id }, text), input);
