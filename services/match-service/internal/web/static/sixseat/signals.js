// What is told in passing: that one types, and how far one has read. Both are said much
// oftener than they are sent.

const TYPING_EVERY = 3_000; // ms; the server tells the others no oftener, but after a message
const READ_EVERY = 1_000; // ms; the server writes no oftener

export class Signals {
  #send;
  #roomId;
  #typedAt = -Infinity;
  #read = 0; // up to where
  #told = 0; // up to where on this connection
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;

  /**
   * @param {(frame: {destination: string, body?: string}) => boolean} send false where there is no connection
   * @param {string} roomId
   */
  constructor(send, roomId) {
    this.#send = send;
    this.#roomId = roomId;
  }

  typing() {
    if (Date.now() - this.#typedAt < TYPING_EVERY) return;
    if (this.#send({ destination: `/pub/typing/${this.#roomId}` })) this.#typedAt = Date.now();
  }

  /** The room shows a message of ours, which ends what was told before it (contract): the next key is news. */
  spoke() {
    this.#typedAt = -Infinity;
  }

  /** @param {number} seq */
  read(seq) {
    if (seq <= this.#read) return;
    this.#read = seq;
    this.#timer ??= setTimeout(() => this.#tell(), READ_EVERY);
  }

  /** What was told to the last connection may be lost. */
  connected() {
    this.#told = 0;
    this.#tell();
  }

  /** Tells what is left to tell. */
  close() {
    this.#tell();
  }

  #tell() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#read === this.#told) return;
    if (this.#send({ destination: `/pub/read/${this.#roomId}`, body: JSON.stringify({ seq: this.#read }) })) this.#told = this.#read;
  }
}
