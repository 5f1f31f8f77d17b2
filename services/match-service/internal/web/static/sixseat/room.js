// One room, without a screen: it connects, resumes after the last seq it has seen, shows
// each message once and in order, and sends each once. It knows no DOM and no stompjs;
// both are given to it.

import { backoff } from './backoff.js';
import { afterClose } from './closing.js';
import { Outbox } from './outbox.js';

const PAGE = 50; // messages of history at a time
const MAX_KEPT = 1000; // messages in memory; older ones can be loaded again
const DROP = 200; // how many go when there are more
const CONNECT_TIMEOUT = 15_000; // ms for WebSocket and STOMP together
const STABLE = 10_000; // ms; a connection that lived less does not reset the back-off
const GENTLY = 3; // attempts that we count ahead when the server is overloaded
// We promise a sign of life every 30 s and not every 10: browsers wake hidden pages once a
// minute, and the server closes after three times what was promised.
const HEARTBEAT_OUT = 30_000;
const HEARTBEAT_IN = 10_000;

/**
 * @typedef {object} Message
 * @property {string} roomId
 * @property {number} seq
 * @property {string} messageId
 * @property {string} [idempotencyKey]
 * @property {string} memberId
 * @property {'TEXT'|'ENTER'|'LEAVE'|'IMAGE'} type
 * @property {string} comment
 * @property {string} createdBy
 * @property {string} createdAt
 */

/**
 * @typedef {object} Status
 * @property {'connecting'|'open'|'waiting'|'stopped'} state
 * @property {number} [retryAt] waiting: when the next attempt starts, in ms since 1970
 * @property {string} [why] stopped: for a person
 */

/**
 * @typedef {object} Listener
 * @property {(messages: Message[], where: 'end'|'start') => void} messages new at the end, or older at the start
 * @property {(firstSeq: number) => void} trimmed all before firstSeq are no longer kept
 * @property {(items: import('./outbox.js').Pending[]) => void} pending
 * @property {(status: Status) => void} status
 * @property {(text: string) => void} notice something to tell that belongs to no message
 */

export class Room {
  /** @type {Message[]} ascending by seq */
  messages = [];
  /** The seq up to which everything was seen; only live delivery and the newest page move it. */
  lastSeq = 0;
  hasOlder = false;

  #given;
  #outbox;
  #client = null; // of the connection of now; callbacks of others are ignored
  #subscription = null;
  #truthful = false; // the next message is the server's answer to last-seq: a hole in it is real
  #loaded = false;
  #connecting = false;
  #closed = false;
  #timer;
  #state = ''; // that of the last Status
  #attempt = 0;
  #connectedAt = 0;
  #token;
  #refused; // a token that the server called expired
  #error = ''; // what the last ERROR frame said

  /**
   * @param {object} given
   * @param {string} given.roomId
   * @param {string} given.memberId
   * @param {string} given.url of the WebSocket
   * @param {new (config: object) => any} given.Client of stompjs, or something like it
   * @param {(than: {refused?: string}) => Promise<string>} given.token
   * @param {(page: {before?: number, limit: number}) => Promise<{items: Message[], hasMore: boolean}>} given.history
   * @param {Listener} given.on
   */
  constructor(given) {
    this.#given = given;
    this.#outbox = new Outbox(
      (item, receipt) => this.#transmit(item, receipt),
      (items) => given.on.pending(items),
    );
  }

  /** Also after having stopped, when the person wants to try again. */
  open() {
    this.#attempt = 0;
    void this.#connect();
  }

  /** Tries at once instead of waiting: the network or the person is back. */
  wake() {
    if (this.#state === 'waiting') void this.#connect();
  }

  close() {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#outbox.disconnected();
    const client = this.#client;
    this.#client = null;
    // By force: a polite DISCONNECT waits for its RECEIPT, for ever if need be.
    void client?.deactivate({ force: true });
  }

  /** @param {string} text */
  send(text) {
    this.#outbox.add(text);
  }

  /** @param {string} key */
  retry(key) {
    this.#outbox.retry(key);
  }

  /** @param {string} key */
  discard(key) {
    this.#outbox.discard(key);
  }

  async loadOlder() {
    const before = this.messages[0]?.seq;
    if (!before || !this.hasOlder) return;
    const { items, hasMore } = await this.#given.history({ before, limit: PAGE });
    if (this.messages[0].seq !== before) return; // asked twice, or trimmed meanwhile
    this.hasOlder = hasMore;
    this.messages.unshift(...items);
    this.#given.on.messages(items, 'start');
  }

  async #connect() {
    clearTimeout(this.#timer);
    if (this.#closed || this.#connecting || this.#client) return;
    this.#connecting = true;
    this.#tell({ state: 'connecting' });
    try {
      if (!this.#loaded) await this.#loadNewest();
      this.#token = await this.#given.token({ refused: this.#refused });
      if (!this.#closed) this.#start(this.#token);
    } catch (error) {
      if (error.temporary === false) this.#stop(error.message);
      else this.#later(error, {});
    } finally {
      this.#connecting = false;
    }
  }

  async #loadNewest() {
    const { items, hasMore } = await this.#given.history({ limit: PAGE });
    this.#loaded = true;
    this.hasOlder = hasMore;
    this.messages = items;
    this.lastSeq = items.at(-1)?.seq ?? 0;
    if (!this.#closed) this.#given.on.messages(items, 'end');
  }

  /** One client for one connection: reconnecting is ours, as stompjs knows no jitter and no close codes. */
  #start(token) {
    const mine = (callback) => (argument) => client === this.#client && callback(argument);
    const client = new this.#given.Client({
      brokerURL: this.#given.url,
      connectHeaders: { Authorization: `Bearer ${token}` },
      reconnectDelay: 0,
      connectionTimeout: CONNECT_TIMEOUT,
      heartbeatIncoming: HEARTBEAT_IN,
      heartbeatOutgoing: HEARTBEAT_OUT,
      discardWebsocketOnCommFailure: true, // a dead network does not answer close()
      onConnect: mine(() => this.#connected()),
      onStompError: mine((frame) => (this.#error = errorOf(frame))),
      onWebSocketClose: mine((event) => this.#ended(event)),
    });
    this.#client = client;
    this.#error = '';
    client.activate();
  }

  #connected() {
    this.#connectedAt = Date.now();
    this.#client.subscribe('/user/queue/errors', (frame) => this.#problem(frame));
    this.#subscribe();
    this.#tell({ state: 'open' });
    this.#outbox.connected();
  }

  #subscribe() {
    this.#subscription?.unsubscribe();
    this.#truthful = true;
    const headers = { 'last-seq': String(this.lastSeq) };
    this.#subscription = this.#client.subscribe(
      `/topic/${this.#given.roomId}`, (frame) => this.#received(frame), headers);
  }

  #received(frame) {
    let message;
    try {
      message = JSON.parse(frame.body);
    } catch (error) {
      console.error('a message that is no JSON', error);
      return;
    }
    if (message.seq <= this.lastSeq) return;
    if (message.seq > this.lastSeq + 1 && !this.#truthful) return this.#subscribe();
    this.#truthful = false;
    this.#append(message);
  }

  #append(message) {
    this.lastSeq = message.seq;
    this.messages.push(message);
    this.#given.on.messages([message], 'end');
    if (message.memberId === this.#given.memberId) this.#outbox.shown(message);
    if (this.messages.length > MAX_KEPT) {
      this.messages.splice(0, DROP);
      this.hasOlder = true;
      this.#given.on.trimmed(this.messages[0].seq);
    }
  }

  #transmit(item, receipt) {
    if (!this.#client?.connected) return false;
    this.#client.watchForReceipt(receipt, (frame) => {
      this.#outbox.receipted(item.key, Number(frame.headers.seq), this.lastSeq);
    });
    this.#client.publish({
      destination: `/pub/chat/${this.#given.roomId}`,
      headers: { receipt, 'idempotency-key': item.key, 'content-type': 'application/json' },
      body: JSON.stringify({ type: 'TEXT', comment: item.text }),
    });
    return true;
  }

  /** A refusal that does not break the session: of a SEND, or of our being here at all. */
  #problem(frame) {
    const problem = problemIn(frame);
    if (this.#outbox.refused(frame.headers['receipt-id'], problem.detail)) return;
    if (problem.status === 403) this.#stop(problem.detail);
    else this.#given.on.notice(problem.detail);
  }

  #ended(event) {
    const lived = this.#connectedAt ? Date.now() - this.#connectedAt : 0;
    this.#forget();
    const next = afterClose(event);
    if (next.refresh) this.#refused = this.#token;
    if (next.stop) return this.#stop(this.#error || next.stop);
    if (lived > STABLE) this.#attempt = 0;
    this.#later(`socket closed: ${event.code} ${event.reason}`, next);
  }

  /** Tries again after a while. */
  #later(why, { now, gently }) {
    if (this.#closed) return;
    console.info('room', why);
    const first = this.#attempt === 0;
    const delay = now && first ? 0 : backoff(this.#attempt + (gently ? GENTLY : 0));
    this.#attempt++;
    this.#tell({ state: 'waiting', retryAt: Date.now() + delay });
    this.#timer = setTimeout(() => void this.#connect(), delay);
  }

  #stop(why) {
    const client = this.#client;
    this.#forget();
    void client?.deactivate({ force: true });
    this.#tell({ state: 'stopped', why });
  }

  #tell(status) {
    this.#state = status.state;
    if (!this.#closed) this.#given.on.status(status);
  }

  #forget() {
    this.#client = null;
    this.#subscription = null;
    this.#connectedAt = 0;
    this.#outbox.disconnected();
  }
}

function errorOf(frame) {
  return problemIn(frame).detail || frame.headers.message || '';
}

/** The problem+json in a frame; a body that is none becomes its detail. */
function problemIn(frame) {
  try {
    return { status: 0, detail: '', ...JSON.parse(frame.body) };
  } catch {
    return { status: 0, detail: frame.body }; // not JSON: the text itself is what there is to say
  }
}
