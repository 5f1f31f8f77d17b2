// How many wait for the films that one sees: they are asked for again, page by page as they came.

/** @typedef {{cursor?: string, nodes: HTMLElement[]}} Shown a page that is on the wall */

export class Counts {
  #movies;
  #count;
  /** @type {Shown[]} */
  #pages = [];

  /**
   * @param {(cursor?: string) => Promise<{items: import('./poster.js').Film[]}>} movies
   * @param {(movieId: string, waiting: number) => void} count
   */
  constructor(movies, count) {
    this.#movies = movies;
    this.#count = count;
  }

  clear() {
    this.#pages = [];
  }

  /** @param {Shown} page */
  add(page) {
    this.#pages.push(page);
  }

  /** Nothing moves under anybody's finger. @param {() => boolean} asked whether the wall is still the same */
  async refresh(asked) {
    for (const { cursor } of this.#pages.filter(({ nodes }) => inSight(nodes))) {
      try {
        const { items } = await this.#movies(cursor);
        if (!asked()) return;
        for (const film of items) this.#count(film.movieId, film.waiting);
      } catch (problem) {
        console.warn('the counts stay as they are', problem); // the next look is seconds away
        return;
      }
    }
  }
}

/** @param {HTMLElement[]} nodes of one page, in order */
function inSight(nodes) {
  if (nodes.length === 0) return false;
  const top = nodes[0].getBoundingClientRect().top;
  const { bottom } = nodes[nodes.length - 1].getBoundingClientRect();
  return top < innerHeight && bottom > 0;
}
