// Who sits where while six come together. It knows no DOM.

const SEATS = 6;

/** @typedef {{memberId: string, nickname: string}} Person */

/**
 * At most six, oneself among them, also where more than six wait.
 * @param {Person[]} people as they came
 * @param {string|undefined} me
 * @returns {import('./seats.js').Sitting[]}
 */
export function rowOf(people, me) {
  const sitting = people.map(({ memberId, nickname }) => ({ nickname, me: memberId === me }));
  return sitting.slice(0, SEATS).some((person) => person.me)
    ? sitting.slice(0, SEATS)
    : [...sitting.slice(0, SEATS - 1), ...sitting.filter((person) => person.me)];
}

/**
 * Who came and who went, but for oneself.
 * @param {Person[]} before
 * @param {Person[]} after
 * @param {string|undefined} me
 */
export function moves(before, after, me) {
  const missing = (/** @type {Person[]} */ from, /** @type {Person[]} */ of) => from
    .filter(({ memberId }) => memberId !== me && !of.some((other) => other.memberId === memberId))
    .map(({ nickname }) => nickname);
  return { came: missing(after, before), went: missing(before, after) };
}
