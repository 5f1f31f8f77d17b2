// Who holds which seat, who is here, who types, and how far each has read.

import { Typing } from './typing.js';

/**
 * @typedef {object} Person
 * @property {string} memberId
 * @property {string} nickname
 * @property {number} seat 1 to 6
 * @property {boolean} inside entered and did not leave
 * @property {boolean|undefined} left entered and left; undefined while the messages that would say so are not loaded
 * @property {boolean|undefined} online undefined while it is not known
 * @property {number} lastReadSeq
 */

/** @typedef {{event: 'online'|'offline'|'typing'|'read', memberId: string, nickname: string, seq?: number}} RoomEvent */

export class People {
  /** @type {Map<string, Person>} by member */
  #people = new Map();
  #typing;
  /** @type {Map<string, boolean>} whose presence was heard since the question that is answered next */
  #heard = new Map();
  /** @type {Set<string>} who was seen leaving */
  #gone = new Set();
  /** @type {Set<string>} who came without a seat that we knew of */
  #met = new Set();
  #complete = false; // every message of the room was seen, so who is in none never came
  #changed;
  #unknown;

  /**
   * @param {() => void} changed
   * @param {() => void} unknown somebody came who holds no seat that we know of: it was given anew
   */
  constructor(changed, unknown) {
    this.#typing = new Typing(changed);
    this.#changed = changed;
    this.#unknown = unknown;
  }

  /** @returns {Person[]} by seat */
  get all() {
    return [...this.#people.values()].sort((a, b) => a.seat - b.seat);
  }

  /** @returns {string[]} member ids, in the order in which they began */
  get typing() {
    return this.#typing.all;
  }

  /** @param {string} memberId @returns {Person|undefined} */
  get(memberId) {
    return this.#people.get(memberId);
  }

  /** A question for the room is on its way: what is heard from now on is newer than its answer. */
  asked() {
    this.#heard.clear();
  }

  /** @param {import('./contract.d.ts').RoomDetails} room */
  know({ seats, members }) {
    const before = this.#people;
    this.#people = new Map();
    for (const { seat, memberId, nickname } of seats) {
      const known = before.get(memberId);
      const member = members.find((one) => one.memberId === memberId);
      this.#people.set(memberId, {
        memberId, nickname, seat, inside: Boolean(member), left: this.#left(memberId),
        online: this.#heard.has(memberId) ? this.#heard.get(memberId) : Boolean(member) && member?.online,
        lastReadSeq: Math.max(known?.lastReadSeq ?? 0, member?.lastReadSeq ?? 0),
      });
    }
    [...before.keys()].filter((memberId) => !this.#people.has(memberId)).forEach((memberId) => this.#typing.ended(memberId));
    this.#changed();
  }

  /** @param {RoomEvent} event */
  happened({ event, memberId, seq }) {
    if (event === 'online' || event === 'offline') this.#heard.set(memberId, event === 'online');
    const person = this.#people.get(memberId);
    if (!person) return;
    if (event === 'typing') return this.#typing.began(memberId);
    if (event === 'read') person.lastReadSeq = Math.max(person.lastReadSeq, seq ?? 0);
    else {
      person.online = event === 'online';
      if (!person.online) this.#typing.ended(memberId);
    }
    this.#changed();
  }

  /** @param {import('./contract.d.ts').Message} message new in the room */
  spoke({ memberId, type }) {
    const person = this.#people.get(memberId);
    const typed = this.#typing.ended(memberId);
    if (type === 'LEAVE') this.#gone.add(memberId);
    if (person && type === 'LEAVE') Object.assign(person, { inside: false, left: true, online: false });
    else if (person && !person.inside) person.inside = true;
    else if (!person && type === 'ENTER') this.#meet(memberId);
    else if (!typed) return;
    this.#changed();
  }

  /**
   * What was said before: it tells who left from who never came.
   * @param {import('./contract.d.ts').Message[]} messages
   * @param {boolean} complete there are none before these
   */
  looked(messages, complete) {
    this.#complete ||= complete;
    messages.filter(({ type }) => type === 'LEAVE').forEach(({ memberId }) => this.#gone.add(memberId));
    this.#people.forEach((person) => (person.left = this.#left(person.memberId)));
    this.#changed();
  }

  /** The line is gone: who is here is not known, oneself included, and nobody is seen typing. */
  close() {
    this.#heard.clear();
    this.#people.forEach((person) => (person.online = undefined));
    this.typing.forEach((memberId) => this.#typing.ended(memberId));
    this.#changed();
  }

  /** @param {string} memberId asked for once: an answer that does not know them yet leads to no other question */
  #meet(memberId) {
    if (this.#met.has(memberId)) return;
    this.#met.add(memberId);
    this.#unknown();
  }

  /** @param {string} memberId */
  #left(memberId) {
    return this.#gone.has(memberId) || (this.#complete ? false : undefined);
  }
}
