// One line of text near the thing it is about: an error, or how things are.

import { h } from './dom.js';
import { readable } from './readable.js';

/**
 * @param {{role?: 'alert'|'status', id?: string}} [options]
 * @returns {{node: HTMLElement, say: (text: string) => void, show: (error: unknown) => void}}
 */
export function line({ role = 'alert', id } = {}) {
  const node = h('p', { class: `line ${role}`, role, id });
  const say = (/** @type {string} */ text) => {
    if (node.textContent !== text) node.textContent = text; // the same again is not announced again
  };
  return { node, say, show: (error) => say(readable(error)) };
}
