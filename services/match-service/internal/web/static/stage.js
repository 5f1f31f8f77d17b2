// One screen at a time.

import { closeDialogs } from './dom.js';
import { find, setTitle } from './frame.js';

/** @typedef {import('./sixseat/contract.d.ts').State} State */

/**
 * @typedef {object} Screen
 * @property {HTMLElement} node
 * @property {string} title of the window
 * @property {HTMLElement} [focus] where the focus goes; the heading if it is not said
 * @property {(state: State) => void} [update] with each queue state
 * @property {(text: string) => void} [trouble] with what the queue has to tell
 * @property {() => void} [moved] the same screen at another address
 * @property {() => void} [close]
 */

/** Where one is before there is a screen with an address. */
export const NOWHERE = '';

export class Stage {
  /** @type {Screen|null} */
  screen = null;
  place = NOWHERE; // the hash that `screen` stands for, without what is looked for

  /**
   * Shows what is made for a place, unless it is shown already.
   * @param {string} place @param {() => Screen} make @param {State} [state] of the queue, for who waits
   */
  enter(place, make, state) {
    if (this.place === place) this.screen?.moved?.();
    else this.show(place, make(), state);
  }

  /** @param {string} place @param {Screen} next @param {State} [state] */
  show(place, next, state) {
    this.screen?.close?.();
    closeDialogs('.ask'); // what the screen before asked; the settings stay, which may have made this one
    this.screen = next;
    this.place = place;
    find('screen').replaceChildren(next.node);
    setTitle(next.title);
    if (state) next.update?.(state);
    (next.focus ?? /** @type {HTMLElement} */ (next.node.querySelector('h1'))).focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }
}
