// Messages on their way: each keeps its idempotency key until the room shows it, so that
// however often it is sent it is stored once.

import { newItem, newKey } from './pending.js';
import { own } from './problem.js';
import { Sender } from './sender.js';

const MAX_PENDING = 20; // more than one writes in a tunnel, and few enough to go one by one behind it
const MAX_TRIES = 8; // in vain, of one message; with the back-off some 30 s of refusals: then the writer is told
const PATIENCE = 60; // s; where the server asks for a longer wait the writer is told
const RECEIPT = 'send-';

/** @typedef {import('./pending.js').Pending} Pending */
/** @typedef {import('./pending.js').Item} Item */

export class Outbox {
  /** @type {Item[]} */
  #items = [];
  /** @type {import('./problem.js').Problem|null} why the room takes none for ever */
  #lost = null;
  #texts;
  #pictures; // which the server looks at first: they hold up no text
  #changed;
  #kept;

  /**
   * @param {object} given
   * @param {(item: Pending, receipt: string) => boolean} given.transmit false where there is no connection
   * @param {(items: Pending[]) => void} given.changed
   * @param {Pick<import('./unsent.js').Unsent, 'all'|'put'|'drop'|'discard'|'isDiscarded'>} given.kept what an earlier visit did not get sent is taken up
   */
  constructor({ transmit, changed, kept }) {
    const sender = (/** @type {boolean} */ ofPictures) => new Sender({
      next: () => this.#toSend(ofPictures),
      transmit: (item) => transmit(item, RECEIPT + item.key),
      unanswered: (item) => this.#refuse(item, unconfirmed()),
    });
    this.#texts = sender(false);
    this.#pictures = sender(true);
    this.#changed = changed;
    this.#kept = kept;
    this.#items = kept.all().map(({ key, text, at, imageId, failed }) => ({ ...newItem(key, text, at, imageId), ...(failed && FAILED()) }));
  }

  /** @returns {Pending[]} */
  get items() {
    return this.#items;
  }

  /** @returns {boolean} whether any is to be sent without anybody's doing */
  get busy() {
    return this.#items.some(({ state }) => state === 'pending');
  }

  /**
   * @param {string} text
   * @param {string} [imageId]
   * @returns {Promise<{seq: number}>} once it is stored; rejects when it failed or nobody here waits any more. It need not be awaited.
   */
  add(text, imageId) {
    if (this.#items.length >= MAX_PENDING) {
      throw own('outbox-full', `${MAX_PENDING} messages are still on their way. Please wait until they are sent.`, { status: 429 });
    }
    const item = newItem(newKey(), text, Math.max(Date.now(), (this.#items.at(-1)?.at ?? 0) + 1), imageId);
    const done = new Promise((resolve, reject) => Object.assign(item, { resolve, reject }));
    done.catch(() => {}); // who does not await it sees the failed item
    this.#items.push(item);
    this.#queue(item);
    return done;
  }

  /** @param {string} key of a failed one: sent again under the same key */
  retry(key) {
    const item = this.#find(key);
    if (item?.state !== 'failed') return;
    item.tries = 0;
    this.#queue(item);
  }

  /** @param {string} key of a failed one that the writer gives up */
  discard(key) {
    const item = this.#find(key);
    if (item?.state === 'failed') this.#discard(item);
  }

  /** There is a connection: what was not confirmed goes out again, in the order it was written. */
  connected() {
    this.#texts.start();
    this.#pictures.start();
  }

  /** The connection is gone, and with it all answers that were due. */
  disconnected() {
    this.#texts.stop();
    this.#pictures.stop();
  }

  /**
   * None of these will be sent from here.
   * @param {import('./problem.js').Problem} problem
   */
  abandon(problem) {
    this.disconnected();
    this.#items.forEach(({ reject }) => reject(problem)); // of stored ones it is resolved already
  }

  /**
   * None will ever be stored, nor is kept.
   * @param {import('./problem.js').Problem} problem
   */
  lost(problem) {
    this.#lost = problem;
    this.#items.filter(({ state }) => state === 'pending').forEach((item) => this.#fail(item, problem));
  }

  /**
   * @param {string} key
   * @param {number} seq
   * @param {number} lastSeq what the room shows already
   */
  receipted(key, seq, lastSeq) {
    const item = this.#find(key);
    if (!item) return; // the message itself was faster
    this.#senderOf(item).succeeded();
    item.resolve({ seq });
    if (seq <= lastSeq) return this.#remove((other) => other === item);
    this.#set(item, { state: 'sent', seq });
    this.#senderOf(item).next();
  }

  /**
   * @param {string|undefined} receipt
   * @param {import('./problem.js').Problem} problem
   * @returns {boolean} whether it was about one of these
   */
  refused(receipt, problem) {
    const item = receipt?.startsWith(RECEIPT) ? this.#find(receipt.slice(RECEIPT.length)) : undefined;
    if (item) this.#refuse(item, problem);
    return Boolean(item);
  }

  /** @param {{seq: number, idempotencyKey?: string}[]} messages of this member, now shown by the room: live or as history */
  shown(messages) {
    for (const { seq, idempotencyKey } of messages) this.#remove((item) => item.key === idempotencyKey || item.seq === seq, seq);
  }

  /** @param {Item} item */
  #queue(item) {
    this.#set(item, { state: 'pending', problem: null });
    if (this.#lost) this.#fail(item, this.#lost);
    else this.#senderOf(item).next();
  }

  /** @param {Item} item */
  #senderOf({ imageId }) {
    return imageId ? this.#pictures : this.#texts;
  }

  /** @param {boolean} ofPictures @returns {Item|undefined} */
  #toSend(ofPictures) {
    const item = this.#lost ? undefined : this.#items.find(({ state, imageId }) => state === 'pending' && Boolean(imageId) === ofPictures);
    if (!item || !this.#kept.isDiscarded(item.key)) return item;
    this.#discard(item); // in another tab
    return this.#toSend(ofPictures);
  }

  /** @param {Item} item @param {import('./problem.js').Problem} problem */
  #refuse(item, problem) {
    this.#senderOf(item).rest(item);
    if (!problem.temporary || problem.retryAfter > PATIENCE || ++item.tries >= MAX_TRIES) this.#fail(item, problem);
    else this.#senderOf(item).wait(problem.retryAfter);
  }

  /** @param {Item} item @param {import('./problem.js').Problem} problem */
  #fail(item, problem) {
    item.reject(problem);
    this.#set(item, { state: 'failed', problem });
    this.#senderOf(item).next();
  }

  /** @param {Item} item @param {Partial<Item>} change */
  #set(item, change) {
    this.#senderOf(item).rest(item);
    Object.assign(item, change);
    if (item.state === 'sent' || this.#lost) this.#kept.drop(item.key);
    else this.#kept.put(item);
    this.#changed(this.#items);
  }

  /** @param {Item} item */
  #discard(item) {
    item.reject(own('discarded', 'This message was deleted before it was sent.', { status: 409 }));
    this.#remove((other) => other === item);
    this.#kept.discard(item.key);
  }

  /** @param {string} key */
  #find(key) {
    return this.#items.find((item) => item.key === key);
  }

  /** @param {(item: Item) => boolean} which @param {number} [seq] under which they are stored */
  #remove(which, seq) {
    const gone = this.#items.filter(which);
    if (gone.length === 0) return;
    for (const item of gone) {
      this.#senderOf(item).rest(item);
      if (seq) {
        item.resolve({ seq });
        this.#senderOf(item).succeeded();
      }
      this.#kept.drop(item.key);
    }
    this.#items = this.#items.filter((item) => !gone.includes(item));
    this.#changed(this.#items);
    gone.forEach((item) => this.#senderOf(item).next());
  }
}

const unconfirmed = () => own('unconfirmed', 'The server has not confirmed this message.');
const FAILED = () => ({ state: /** @type {const} */ ('failed'), problem: unconfirmed() });
