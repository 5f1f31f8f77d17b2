// One room, without a screen: it resumes after the last seq it has seen, shows each message
// once and in order, and sends each once. It knows no DOM; the connection is given to it.

import { backoff } from './backoff.js';
import { Feed } from './feed.js';
import { Outbox } from './outbox.js';
import { People } from './people.js';
import { asProblem } from './problem.js';
import { Signals } from './signals.js';
import { Timeline } from './timeline.js';

const SPREAD = 5_000; // ms over which those who lost the same server ask who is here

/**
 * What a room tells; each may be left out.
 * @typedef {object} Listener
 * @property {(messages: import('./timeline.js').Message[], where: 'end'|'start') => void} messages new at the end, or older at the start
 * @property {(firstSeq: number) => void} trimmed all before firstSeq are no longer kept
 * @property {(items: import('./outbox.js').Pending[]) => void} pending messages of ours that the room does not show yet
 * @property {(people: People) => void} people who is here, types, has read: something has changed
 * @property {(room: import('./api.js').RoomDetails) => void} details what the room is; the first time before its messages
 * @property {(status: import('./connection.js').Status) => void} status
 * @property {(problem: import('./problem.js').Problem) => void} notice something to tell that belongs to no message
 */

/** @type {Listener} */
const SILENT = { messages() {}, trimmed() {}, pending() {}, people() {}, details() {}, status() {}, notice() {} };

/** @typedef {'closed'|'entering'|'in'|'stopped'} State entering: history is on its way */

export class Room {
  roomId;
  #given;
  /** @type {Listener} */
  #on;
  #timeline;
  #people;
  #outbox;
  #signals;
  #feed;
  /** @type {State} */
  #state = 'closed';
  #attempt = 0;
  /** @type {ReturnType<typeof setTimeout>|undefined} the next attempt to come in */
  #timer;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #asking;
  #wasIn = false; // so this is a return

  /**
   * @param {object} given
   * @param {string} given.roomId
   * @param {string} given.memberId
   * @param {import('./connection.js').Connection} given.connection
   * @param {Pick<import('./api.js').Api, 'room'|'messages'|'leaveRoom'>} given.api
   * @param {import('./unsent.js').Unsent} given.unsent
   * @param {Partial<Listener>} given.on
   * @param {() => void} [given.gone] it was closed, and has nothing to send any more
   */
  constructor(given) {
    const { roomId, api, connection } = given;
    this.#given = given;
    this.roomId = roomId;
    this.#on = { ...SILENT, ...given.on };
    this.#timeline = new Timeline((page) => api.messages(roomId, page), {
      messages: (messages, where) => this.#on.messages(messages, where),
      trimmed: (firstSeq) => this.#on.trimmed(firstSeq),
    });
    this.#people = new People(() => this.#on.people(this.#people));
    this.#signals = new Signals((frame) => connection.send(frame), roomId);
    this.#feed = new Feed({
      roomId, connection,
      lastSeq: () => this.lastSeq,
      onMessage: (message) => this.#received(message),
      onEvent: (event) => this.#people.happened(event),
    });
    this.#outbox = new Outbox({
      transmit: (item, receipt) => this.#transmit(item, receipt),
      changed: (items) => {
        this.#on.pending(items);
        this.#letGo();
      },
      kept: given.unsent,
    });
  }

  get messages() {
    return this.#timeline.messages;
  }

  get lastSeq() {
    return this.#timeline.lastSeq;
  }

  get hasOlder() {
    return this.#timeline.hasOlder;
  }

  get people() {
    return this.#people;
  }

  /** Comes in; also after having stopped, when the person wants to try again. */
  open() {
    if (this.#state === 'in') return this.#given.connection.open();
    this.#attempt = 0;
    if (this.#outbox.items.length > 0) this.#on.pending(this.#outbox.items);
    void this.#enter();
  }

  /** Tries at once instead of waiting: the network or the person is back. */
  wake() {
    if (this.#state === 'entering') void this.#enter();
    else this.#given.connection.wake();
  }

  /** Nobody looks any more. What was written is sent still, then the room is let go. */
  close() {
    this.#on = SILENT;
    this.#signals.close();
    if (!this.#outbox.busy) this.#end('closed');
  }

  /** As if the program had ended: what is unsent stays kept. */
  abandon() {
    this.#on = SILENT;
    this.#end('closed');
  }

  /**
   * @param {string} text
   * @returns {Promise<{seq: number}>} once it is stored; it need not be awaited
   */
  send(text) {
    return this.#outbox.add(text);
  }

  /** @param {string} key of a failed message: sent again under the same key */
  retry(key) {
    this.#outbox.retry(key);
  }

  /** @param {string} key of a failed message that the writer gives up */
  discard(key) {
    this.#outbox.discard(key);
  }

  /** This member types; call it as often as keys are pressed. */
  typing() {
    this.#signals.typing();
  }

  /** @param {number} seq up to which everything was read; call it as often as one scrolls */
  read(seq) {
    this.#signals.read(seq);
  }

  loadOlder() {
    return this.#timeline.loadOlder();
  }

  /** Leaves for good. */
  async leave() {
    await this.#given.api.leaveRoom(this.roomId);
    this.#given.unsent.clear();
    this.abandon();
  }

  async #enter() {
    clearTimeout(this.#timer);
    this.#state = 'entering';
    this.#on.status({ state: 'connecting' });
    try {
      if (!this.#timeline.loaded) {
        await this.#ask();
        if (this.#state !== 'entering') return;
        await this.#timeline.loadNewest();
      }
      if (this.#state !== 'entering') return; // closed meanwhile
      this.#state = 'in';
      this.#given.connection.join(this);
    } catch (error) {
      if (this.#state === 'entering') this.#notIn(asProblem(error));
    }
  }

  /** @param {import('./problem.js').Problem} problem */
  #notIn(problem) {
    if (!problem.temporary) return this.#stop(problem);
    console.info('room', problem.message);
    const delay = Math.max(problem.retryAfter * 1000, backoff(this.#attempt++));
    this.#timer = setTimeout(() => void this.#enter(), delay);
    this.#on.status({ state: 'waiting', retryAt: Date.now() + delay });
  }

  /** Asks what the room is, and who is here. */
  async #ask() {
    this.#people.asked();
    const details = await this.#given.api.room(this.roomId);
    this.#on.details(details);
    this.#people.know(details);
  }

  // What follows is the Channel of the connection.

  connected() {
    this.#feed.start();
    this.#outbox.connected();
    this.#signals.connected();
    // Marks that others set while we were away are told by nobody.
    if (this.#wasIn) this.#asking = setTimeout(() => this.#ask().catch((error) => console.warn('who is here stays as it was', error)), Math.random() * SPREAD);
    this.#wasIn = true;
  }

  disconnected() {
    this.#feed.stop();
    clearTimeout(this.#asking);
    this.#outbox.disconnected();
    this.#people.close();
  }

  /** @param {import('./connection.js').Status} status */
  status(status) {
    this.#on.status(status);
  }

  /** @param {import('./problem.js').Problem} problem */
  notice(problem) {
    this.#on.notice(problem);
  }

  /**
   * A refusal that does not break the session: of a SEND, or of our being here at all.
   * @param {import('./problem.js').Problem} problem
   * @param {string} [receipt]
   */
  refused(problem, receipt) {
    if (this.#outbox.refused(receipt, problem)) {
      if (problem.status === 403) this.#stop(problem);
      return true;
    }
    if (!problem.instance.split('/').includes(this.roomId)) return false;
    if (problem.status === 403) this.#stop(problem);
    else if (problem.instance.startsWith('/topic/')) this.#feed.again();
    else console.info('room', problem.message); // a typing or read mark: the next one may pass
    return true;
  }

  /** @param {import('./timeline.js').Message} message */
  #received(message) {
    this.#timeline.append(message);
    if (message.memberId === this.#given.memberId) this.#outbox.shown(message);
    this.#people.spoke(message);
  }

  /** @param {import('./outbox.js').Pending} item @param {string} receipt */
  #transmit(item, receipt) {
    if (this.#state !== 'in') return false;
    return this.#given.connection.send({
      destination: `/pub/chat/${this.roomId}`,
      headers: { receipt, 'idempotency-key': item.key, 'content-type': 'application/json' },
      body: JSON.stringify({ type: 'TEXT', comment: item.text }),
    }, ({ headers }) => {
      this.#outbox.receipted(item.key, Number(headers.seq), this.lastSeq);
    });
  }

  /** A room that nobody looks at is held only for what it still has to send. */
  #letGo() {
    if (this.#on === SILENT && !this.#outbox.busy) this.#end('closed');
  }

  /** @param {import('./problem.js').Problem} problem */
  #stop(problem) {
    this.#end('stopped');
    this.#on.status({ state: 'stopped', problem });
  }

  /** @param {State} state */
  #end(state) {
    clearTimeout(this.#timer);
    this.#state = state;
    this.disconnected();
    this.#given.connection.leave(this);
    if (state === 'closed') this.#given.gone?.();
  }
}
