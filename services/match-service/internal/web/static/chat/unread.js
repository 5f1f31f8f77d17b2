// Where the unread messages begin.

/** @typedef {Pick<import('../sixseat.js').Message, 'seq'|'memberId'|'type'>} Message */

export class Unread {
  /** The seq of the first unread message when the line was drawn; 0 where there is none. */
  from = 0;
  #me;
  #read = 0; // up to where all was on the screen
  #readBefore = 0; // up to where, when the line was drawn
  #newest = 0; // the last message that can be unread
  #told = 0;

  /** @param {string} me member id */
  constructor(me) {
    this.#me = me;
  }

  /**
   * @param {number} lastReadSeq up to where the reader had come before
   * @param {Message[]} messages the newest
   */
  opened(lastReadSeq, messages) {
    this.#read = this.#readBefore = this.#told = lastReadSeq;
    this.#newest = messages.findLast((message) => this.counts(message))?.seq ?? 0;
    this.from = messages.find((message) => message.seq > lastReadSeq && this.counts(message))?.seq ?? 0;
  }

  /**
   * Older messages came: the line may belong further up.
   * @param {Message[]} messages
   */
  older(messages) {
    const first = messages.find((message) => message.seq > this.#readBefore && this.counts(message));
    if (this.from && first && first.seq < this.from) this.from = first.seq;
  }

  /** @param {Message} message new @param {boolean} visible whether the reader sees it come */
  arrived(message, visible) {
    if (!this.counts(message)) return;
    this.#newest = message.seq;
    if (visible || this.from > this.#read) return;
    this.from = message.seq;
    this.#readBefore = this.#read;
  }

  /**
   * @param {number} seq up to which all was on the screen
   * @returns {boolean} whether the others should know: nobody waits for one to read oneself
   */
  saw(seq) {
    this.#read = Math.max(this.#read, seq);
    if (Math.min(seq, this.#newest) <= this.#told) return false;
    this.#told = seq;
    return true;
  }

  /** Who answers has read. */
  answered() {
    this.from = 0;
  }

  /** @param {Message} message @returns {boolean} whether it can be unread at all */
  counts({ memberId, type }) {
    return memberId !== this.#me && type !== 'ENTER' && type !== 'LEAVE';
  }
}
