// The messages of one room that are at hand: each once, ascending by seq.

import { own } from './problem.js';

const PAGE = 50; // messages of history at a time
const MAX_KEPT = 1000; // messages in memory; older ones can be loaded again
const MOST = 5000; // while one reads old ones, which must not vanish; a hundred pages back
const DROP = 200; // how many go besides, so that not each message drops one

/** @typedef {import('./contract.d.ts').Message} Message */

/**
 * @typedef {object} Watcher
 * @property {(messages: Message[], where: 'end'|'start') => void} messages new at the end, or older at the start
 * @property {(firstSeq: number) => void} trimmed all before firstSeq are no longer kept
 */

export class Timeline {
  /** @type {Message[]} */
  messages = [];
  /** The seq up to which everything was seen; only live delivery and what one came in with move it. */
  lastSeq = 0;
  hasOlder = false;
  loaded = false;
  #back = false; // one reads old ones
  #history;
  #on;

  /**
   * @param {(page: {before?: number, limit: number}) => Promise<import('./contract.d.ts').Page>} history
   * @param {Watcher} on
   */
  constructor(history, on) {
    this.#history = history;
    this.#on = on;
  }

  async loadNewest() {
    const { items, hasMore } = await this.#history({ limit: PAGE });
    if (this.loaded) return; // asked twice
    this.loaded = true;
    this.hasOlder = hasMore;
    this.messages = items;
    this.lastSeq = items.at(-1)?.seq ?? 0;
    this.#on.messages(items, 'end');
  }

  /** Begins without history, which can be asked for later. @param {number} seq the room's last */
  begin(seq) {
    this.loaded = true;
    this.hasOlder = seq > 0;
    this.lastSeq = seq;
    this.#on.messages([], 'end');
  }

  async loadOlder() {
    const before = this.#first;
    if (!this.hasOlder) return;
    this.#back = true;
    if (this.messages.length > MOST - PAGE) throw own('too-far-back', `No more than ${MOST} messages are shown at a time.`, { status: 409 });
    const { items, hasMore } = await this.#history({ before, limit: PAGE });
    if (this.#first !== before) return; // asked twice, or trimmed meanwhile
    this.hasOlder = hasMore;
    this.messages.unshift(...items);
    this.#on.messages(items, 'start');
  }

  /**
   * What comes next cannot be had now. What is at hand would end before a hole, so that it goes,
   * and can be loaded again with what was in between.
   * @param {number} seq from where it goes on
   */
  skip(seq) {
    this.messages = [];
    this.hasOlder = true;
    this.lastSeq = seq;
    this.#on.trimmed(seq + 1);
  }

  /** @returns {number} the seq of the first that is at hand, or of the first that will be */
  get #first() {
    return this.messages[0]?.seq ?? this.lastSeq + 1;
  }

  /** @param {number} seq up to which everything was read: who has read all is at the end */
  read(seq) {
    if (seq >= this.lastSeq) this.#back = false;
  }

  /** @param {Message} message the next one, or one behind a hole that is real */
  append(message) {
    this.lastSeq = message.seq;
    this.messages.push(message);
    this.#on.messages([message], 'end');
    const limit = this.#back ? MOST : MAX_KEPT;
    if (this.messages.length > limit) {
      this.messages.splice(0, this.messages.length - limit + DROP);
      this.hasOlder = true;
      this.#on.trimmed(this.messages[0].seq);
    }
  }
}
