// The two lines in which messages go out: the server looks at pictures first, and these hold
// up no text.

import { Sender } from './sender.js';

/** @typedef {import('./pending.js').Item} Item */

export class Lanes {
  #texts;
  #pictures;

  /**
   * @param {Omit<ConstructorParameters<typeof Sender>[0], 'next'> & {next: (inLane: (item: Item) => boolean) => Item|undefined}} given
   */
  constructor({ next, ...given }) {
    this.#texts = new Sender({ ...given, next: () => next(({ imageId }) => !imageId) });
    this.#pictures = new Sender({ ...given, next: () => next(({ imageId }) => Boolean(imageId)) });
  }

  /** @param {Item} item */
  of({ imageId }) {
    return imageId ? this.#pictures : this.#texts;
  }

  start() {
    this.#texts.start();
    this.#pictures.start();
  }

  stop() {
    this.#texts.stop();
    this.#pictures.stop();
  }
}
