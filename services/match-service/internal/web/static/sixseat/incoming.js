// All that comes out of a room: its messages, and who is here, types and has read.

import { Feed } from './feed.js';
import { People } from './people.js';
import { asProblem } from './problem.js';
import { Timeline } from './timeline.js';

const SPREAD = 5_000; // ms over which those who lost the same server ask who is here

/** @typedef {import('./listener.js').Listener} Listener */

export class Incoming {
  timeline;
  people;
  #given;
  #feed;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #asking;
  #inVain = false; // history was asked for, and failed
  #wasHere = false; // so this is a return
  #here = false;

  /**
   * @param {object} given
   * @param {string} given.roomId
   * @param {Pick<import('./connection.js').Connection, 'subscribe'>} given.connection
   * @param {Pick<import('./api.js').Api, 'room'|'messages'>} given.api
   * @param {Listener} given.on
   * @param {(messages: import('./contract.d.ts').Message[]) => void} given.onShown after they were told
   */
  constructor(given) {
    const { roomId, connection, api, on, onShown } = given;
    this.#given = given;
    this.people = new People(() => on.people(this.people), () => this.#askAgain());
    this.timeline = new Timeline(async (page) => {
      const answer = await api.messages(roomId, page);
      this.people.looked(answer.items, !answer.hasMore);
      return answer;
    }, {
      messages: (messages, where) => {
        on.messages(messages, where);
        onShown(messages);
      },
      trimmed: (firstSeq) => on.trimmed(firstSeq),
    });
    this.#feed = new Feed({
      roomId, connection,
      lastSeq: () => this.timeline.lastSeq,
      onMessage: (message) => {
        this.timeline.append(message);
        this.people.spoke(message);
      },
      onEvent: (event) => this.people.happened(event),
    });
  }

  /**
   * What the room is, then its newest messages. Where these alone fail again, since they lie
   * elsewhere, the room is entered without: one can chat, and ask for them later.
   */
  async load() {
    if (this.timeline.loaded) return;
    const { lastSeq } = await this.#ask();
    try {
      await this.timeline.loadNewest();
    } catch (error) {
      const problem = asProblem(error);
      if (!this.#inVain || !problem.temporary) {
        this.#inVain = true;
        throw problem;
      }
      console.warn('the room is entered without its history', problem.message);
      this.timeline.begin(lastSeq);
    }
    this.#after(lastSeq);
  }

  /** A connection is there. */
  start() {
    this.#feed.start();
    // Marks that others set while we were away are told by nobody.
    if (this.#wasHere) this.#asking = setTimeout(() => this.#askAgain(), Math.random() * SPREAD);
    this.#wasHere = this.#here = true;
  }

  stop() {
    clearTimeout(this.#asking);
    this.#here = false;
    this.#feed.stop();
    this.people.close();
  }

  /**
   * The server ended a subscription for reasons of its own.
   * @param {number} from all after it can be had, and what is before cannot now; 0: not known
   */
  again(from) {
    if (from <= this.timeline.lastSeq) return this.#feed.again();
    this.timeline.skip(from);
    this.#feed.atOnce();
  }

  async #ask() {
    this.people.asked();
    const details = await this.#given.api.room(this.#given.roomId);
    this.#given.on.details(details);
    this.people.know(details);
    if (this.#wasHere && !this.#here) this.people.close(); // the line went while the answer was on its way
    this.#after(details.lastSeq);
    return details;
  }

  /** Who came or left after the answer about the room is in the messages alone. @param {number} seq its last */
  #after(seq) {
    this.timeline.messages.filter((message) => message.seq > seq).forEach((message) => this.people.spoke(message));
  }

  #askAgain() {
    this.#ask().catch((error) => console.warn('who is here is known as far as it was heard', error));
  }
}
