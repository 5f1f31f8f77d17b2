// What is looked for in the lobby: in the page's address, so that back and a reload keep
// it, and as the query that the server understands.

/** @typedef {{q: string, genre: string, years: string, sort: string}} Filters '' where nothing is chosen */

export const SORTS = ['popular', 'rating', 'year', 'title'];
export const GENRES = ['Action', 'Adventure', 'Black Comedy', 'Comedy', 'Documentary', 'Drama', 'Horror',
  'Musical', 'Romantic Comedy', 'Thriller/Suspense', 'Western'];

/** Decades by their first year; the newest and the oldest stand for all beyond as well. */
export const DECADES = ['2010', '2000', '1990', '1980', '1970', '1960', '1950'];

/** @param {string} hash of the lobby @returns {Filters} what is not one of our choices is passed over */
export function filtersOf(hash) {
  const asked = new URLSearchParams(hash.split('?')[1] ?? '');
  const one = (/** @type {string} */ name, /** @type {string[]} */ of) => {
    const value = asked.get(name) ?? '';
    return of.includes(value) ? value : '';
  };
  return { q: asked.get('q') ?? '', genre: one('genre', GENRES), years: one('years', DECADES), sort: one('sort', SORTS.slice(1)) };
}

/** @param {Filters} filters @returns {string} */
export function hashOf(filters) {
  const chosen = new URLSearchParams(Object.entries(filters).filter(([, value]) => value));
  return chosen.size > 0 ? `#/films?${chosen}` : '#/films';
}

/** @param {Filters} filters @returns {Record<string, string>} parameters of GET /match/movies */
export function queryOf({ q, genre, years, sort }) {
  return {
    q: q.trim(), genre, sort,
    yearFrom: years && years !== DECADES.at(-1) ? years : '',
    yearTo: years && years !== DECADES[0] ? String(Number(years) + 9) : '',
  };
}
