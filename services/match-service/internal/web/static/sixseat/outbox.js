// Messages on their way: each keeps its idempotency key until the room shows it, so that
// however often it is sent it is stored once.

const MAX_PENDING = 20; // below the server's burst (30): after a reconnect all go out at once
const NO_ANSWER = 20_000; // ms without receipt or refusal, on a connection that lives
const RECEIPT = 'send-';

/**
 * @typedef {object} Pending
 * @property {string} key idempotency key
 * @property {string} text
 * @property {'pending'|'sent'|'failed'} state sent: receipted, so stored, but not yet shown
 * @property {string} why of a failed one, for a person
 * @property {number} seq of a sent one
 */

/** @typedef {Pending & {timer?: ReturnType<typeof setTimeout>}} Item */

export class Outbox {
  /** @type {Item[]} */
  #items = [];
  #transmit;
  #changed;

  /**
   * @param {(item: Pending, receipt: string) => boolean} transmit false where there is no connection
   * @param {(items: Pending[]) => void} changed
   */
  constructor(transmit, changed) {
    this.#transmit = transmit;
    this.#changed = changed;
  }

  /** @returns {Pending[]} */
  get items() {
    return this.#items;
  }

  /** @param {string} text */
  add(text) {
    if (this.#items.length >= MAX_PENDING) {
      throw new RangeError(`${MAX_PENDING} messages are still on their way. Please wait until they are sent.`);
    }
    const item = { key: newKey(), text, state: 'pending', why: '', seq: 0 };
    this.#items.push(item);
    this.#send(item);
  }

  /** @param {string} key of a failed one: sent again under the same key */
  retry(key) {
    const item = this.#find(key);
    if (item?.state === 'failed') this.#send(item);
  }

  /** @param {string} key of a failed one that the writer gives up */
  discard(key) {
    this.#remove((item) => item.key === key && item.state === 'failed');
  }

  /** There is a connection: what was not confirmed goes out again, in the order it was written. */
  connected() {
    this.#items.filter((item) => item.state === 'pending').forEach((item) => this.#send(item));
  }

  /** The connection is gone, and with it all answers that were due. */
  disconnected() {
    this.#items.forEach((item) => clearTimeout(item.timer));
  }

  /**
   * @param {string} key
   * @param {number} seq
   * @param {number} lastSeq what the room shows already
   */
  receipted(key, seq, lastSeq) {
    const item = this.#find(key);
    if (!item) return; // the message itself was faster
    if (seq <= lastSeq) return this.#remove((other) => other === item);
    this.#set(item, { state: 'sent', seq });
  }

  /**
   * @param {string} receipt
   * @param {string} why
   * @returns {boolean} whether it was about one of these
   */
  refused(receipt, why) {
    const item = receipt?.startsWith(RECEIPT) && this.#find(receipt.slice(RECEIPT.length));
    if (item) this.#set(item, { state: 'failed', why });
    return Boolean(item);
  }

  /** @param {{seq: number, idempotencyKey?: string}} message of this member, now shown by the room */
  shown({ seq, idempotencyKey }) {
    this.#remove((item) => item.key === idempotencyKey || item.seq === seq);
  }

  #send(item) {
    this.#set(item, { state: 'pending', why: '' });
    if (!this.#transmit(item, RECEIPT + item.key)) return;
    item.timer = setTimeout(() => {
      this.#set(item, { state: 'failed', why: 'The server has not confirmed this message.' });
    }, NO_ANSWER);
  }

  #set(item, change) {
    clearTimeout(item.timer);
    Object.assign(item, change);
    this.#changed(this.#items);
  }

  #find(key) {
    return this.#items.find((item) => item.key === key);
  }

  #remove(which) {
    const gone = this.#items.filter(which);
    if (gone.length === 0) return;
    gone.forEach((item) => clearTimeout(item.timer));
    this.#items = this.#items.filter((item) => !gone.includes(item));
    this.#changed(this.#items);
  }
}

/** randomUUID exists only on https and localhost; someone may try this in a home network. */
function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join('');
}
