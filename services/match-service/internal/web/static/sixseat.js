// The client library of Sixseat: what the page itself uses, and programs in Node. It has
// no dependency but what lies in vendor/, and knows no DOM. The README shows how to use it.

import { Connection } from './sixseat/connection.js';
import { match } from './sixseat/match.js';
import { own } from './sixseat/problem.js';
import { Room } from './sixseat/room.js';
import { socketOf, stomp } from './sixseat/socket.js';
import { Unsent, forgetOthers, roomsWithUnsent } from './sixseat/unsent.js';
import { Visitor } from './sixseat/visitor.js';

export { Problem } from './sixseat/problem.js';
export { Visitor };

/** @typedef {import('./sixseat/contract.d.ts').RoomDetails} RoomDetails */
/** @typedef {import('./sixseat/contract.d.ts').RoomItem} RoomItem */
/** @typedef {import('./sixseat/connection.js').Status} Status */
/** @typedef {import('./sixseat/contract.d.ts').Member} Member */
/** @typedef {import('./sixseat/pending.js').Pending} Pending */
/** @typedef {import('./sixseat/people.js').People} People */
/** @typedef {import('./sixseat/people.js').Person} Person */
/** @typedef {import('./sixseat/contract.d.ts').State} QueueState */
/** @typedef {import('./sixseat/listener.js').Listener} RoomListener */
/** @typedef {import('./sixseat/contract.d.ts').Message} Message */
/** @typedef {import('./sixseat/contract.d.ts').Picture} Picture */

/**
 * @typedef {object} Rooms
 * @property {Visitor} [visitor] who was here before there were rooms, and stays; the options of a Visitor else
 * @property {new (url: string, protocols: string[]) => any} [WebSocket] where there is no global one: Node before 22, say
 * @property {new (config: any) => any} [Client] instead of that of stompjs
 */
/** @typedef {import('./sixseat/visitor.js').Options & Rooms} Options */

/** One member's Sixseat: the calls, the place in the queue, and the rooms, which share one socket. */
export class Sixseat {
  #visitor;
  #connection;
  /** @type {Map<string, Room>} by id, the one made last */
  #rooms = new Map();

  /** @param {Options} [options] */
  constructor({ WebSocket = globalThis.WebSocket, Client, visitor, ...options } = {}) {
    this.#visitor = visitor ?? new Visitor(options);
    const { api, url } = this.#visitor;
    this.#connection = new Connection({ client: Client ? async () => Client : stomp, identity: api, socket: () => socketOf(url, WebSocket) });
  }

  /** The calls of the REST interface, one method for each. */
  get api() {
    return this.#visitor.api;
  }

  /** @returns {Member|null} */
  get member() {
    return this.api.member;
  }

  /**
   * @param {string} nickname 1 to 20 characters
   * @returns {Promise<Member>}
   */
  signUp(nickname) {
    return this.api.signUp(nickname);
  }

  /**
   * The member's place in the queue, followed live.
   * @param {Parameters<Visitor['queue']>[0]} on
   */
  queue(on) {
    return this.#visitor.queue(on);
  }

  /**
   * Waits for a film until six are there, and takes the seat.
   * @param {string} movieId
   * @param {{also?: string[], state?: (state: import('./sixseat/contract.d.ts').State) => void, signal?: AbortSignal}} [options]
   *   second choices; what happens meanwhile; gives the place up
   * @returns {Promise<RoomDetails>}
   */
  match(movieId, options = {}) {
    return match((on) => this.queue(on), movieId, options);
  }

  /**
   * Opens a room that this member is in. Who opened it before is told nothing any more.
   * @param {string} roomId
   * @param {Partial<import('./sixseat/listener.js').Listener>} on
   */
  room(roomId, on) {
    const { memberId } = this.#me();
    this.#rooms.get(roomId)?.abandon();
    const room = new Room({
      roomId, memberId, on, api: this.api, connection: this.#connection, unsent: new Unsent(this.#visitor.keep, memberId, roomId),
      gone: () => this.#rooms.get(roomId) === room && this.#rooms.delete(roomId),
    });
    this.#rooms.set(roomId, room);
    room.open();
    return room;
  }

  /**
   * Says something in a room, open or not: one that is not is let go once it is stored.
   * @param {string} roomId
   * @param {Parameters<Room['send']>} message
   * @returns {ReturnType<Room['send']>}
   */
  send(roomId, ...message) {
    const open = this.#rooms.get(roomId);
    if (open) return open.send(...message);
    const room = this.room(roomId, {});
    try {
      return room.send(...message);
    } finally {
      room.close();
    }
  }

  /** Sends what an earlier visit could not, in whatever room it was written. */
  sendUnsent() {
    const { memberId } = this.#me();
    forgetOthers(this.#visitor.keep, memberId);
    const waiting = roomsWithUnsent(this.#visitor.keep, memberId).filter((roomId) => !this.#rooms.has(roomId));
    waiting.forEach((roomId) => this.room(roomId, {}).close());
  }

  /** The network or the person is back: a lost connection is tried at once. */
  wake() {
    this.#rooms.forEach((room) => room.wake());
  }

  /** Loads what rooms need and nothing else does, so that the first one opens at once. */
  warm() {
    stomp().catch((problem) => console.warn('loaded with the first room instead', problem));
  }

  /** Lets go of all rooms and of the socket; what is unsent stays in the storage. */
  close() {
    this.#rooms.forEach((room) => room.abandon());
    this.#rooms.clear();
    this.#connection.close();
  }

  #me() {
    const { member } = this;
    if (!member) throw own('no-member', 'Sign up first, or give the member to the constructor.', { status: 401 });
    return member;
  }
}
