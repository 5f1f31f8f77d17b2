// Six seats in a row, as in a cinema.

import { h } from './dom.js';
import { t } from './words.js';

const SEATS = 6;

/**
 * @typedef {object} Sitting
 * @property {string} nickname
 * @property {boolean} [me]
 */

/** @typedef {{node: HTMLElement, name: HTMLElement}} Seat */

/**
 * @param {string} label for those who do not see the row
 * @returns {{node: HTMLElement, fill: (people: (Sitting|undefined)[]) => void}}
 */
export function seatRow(label) {
  const seats = Array.from({ length: SEATS }, (_, i) => {
    const name = h('span', { class: 'name', dir: 'auto' });
    return { name, node: h('li', { 'data-seat': i + 1 }, h('span', { class: 'chair', 'aria-hidden': 'true' }), name) };
  });
  const node = h('ol', { class: 'seats', role: 'list', 'aria-label': label }, ...seats.map((seat) => seat.node));
  const fill = (/** @type {(Sitting|undefined)[]} */ people) => seats.forEach((seat, i) => sit(seat, people[i]));
  fill([]);
  return { node, fill };
}

/** @param {Seat} seat @param {Sitting|undefined} person */
function sit({ node, name }, person) {
  name.textContent = person ? (person.me ? t('seat.you') : person.nickname) : t('seat.free');
  name.title = person?.nickname ?? ''; // a long one is cut
  node.className = [person ? 'taken' : 'free', person?.me && 'me'].filter(Boolean).join(' ');
}
