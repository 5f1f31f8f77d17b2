// Films by their id, as far as this page has met them; the others are asked for, once.

/** @typedef {import('./poster.js').Film} Film */

export class Films {
  #ask;
  #told;
  /** @type {Map<string, Film|null>} null: asked for */
  #films = new Map();

  /**
   * @param {(movieId: string) => Promise<Film>} ask
   * @param {() => void} told called when a film that was asked for has come
   */
  constructor(ask, told) {
    this.#ask = ask;
    this.#told = told;
  }

  /** @param {Film} film */
  know(film) {
    this.#films.set(film.movieId, film);
  }

  /** @param {string} movieId @returns {Film|null} null until it has come */
  of(movieId) {
    if (!this.#films.has(movieId)) {
      this.#films.set(movieId, null);
      this.#ask(movieId).then(
        (film) => {
          this.#films.set(movieId, film);
          this.#told();
        },
        (problem) => {
          this.#films.delete(movieId); // whoever looks next asks again
          console.warn('a film stays unknown', movieId, problem);
        },
      );
    }
    return this.#films.get(movieId) ?? null;
  }
}
