// The six of this room in one row: who is online, who is away, who has left.

import { h } from '../dom.js';
import { t } from '../words.js';

/** @typedef {import('../sixseat.js').Person} Person */

/** @param {string} me member id */
export function seating(me) {
  const node = h('ol', { class: 'crew', 'aria-label': t('chat.people') });
  /** @param {Person[]} people by seat */
  const show = (people) => node.replaceChildren(...people.map((person) => place(person, person.memberId === me)));
  return { node, show };
}

/** @param {Person} person @param {boolean} own */
function place(person, own) {
  const presence = presenceOf(person);
  return h('li', { 'data-seat': person.seat, 'data-presence': presence, 'data-me': own },
    h('span', { class: 'chair', 'aria-hidden': 'true' }),
    h('span', { class: 'name', dir: 'auto', title: person.nickname }, own ? t('seat.you') : person.nickname),
    h('span', { class: 'unseen' }, `, ${t(`presence.${presence}`)}`));
}

/**
 * @param {Pick<Person, 'inside'|'left'|'online'>} person
 * @returns {'online'|'away'|'left'|'expected'|'absent'|'unknown'} absent: left or never came, which the messages at hand do not tell
 */
export function presenceOf({ inside, left, online }) {
  if (!inside) return left ? 'left' : left === false ? 'expected' : 'absent';
  if (online === undefined) return 'unknown';
  return online ? 'online' : 'away';
}
