// One room, without a screen: it resumes after the last seq it has seen, shows each message
// once and in order, and sends each once. It knows no DOM; the connection is given to it.

import { Attendance } from './attendance.js';
import { Incoming } from './incoming.js';
import { SILENT } from './listener.js';
import { Outbox } from './outbox.js';
import { frameOf } from './pending.js';
import { own } from './problem.js';
import { Signals } from './signals.js';
import { upload } from './upload.js';

export class Room {
  roomId;
  #given;
  /** @type {import('./listener.js').Listener} */
  #on;
  #incoming;
  #outbox;
  #signals;
  #attendance;
  #closed = false; // nobody looks any more

  /** @param {import('./listener.js').Given} given */
  constructor(given) {
    const { roomId, memberId, connection, unsent } = given;
    const on = { ...SILENT, ...given.on };
    this.#given = given;
    this.#on = on;
    this.roomId = roomId;
    this.#incoming = new Incoming({ ...given, on, onShown: (messages) => this.#shown(messages.filter((message) => message.memberId === memberId)) });
    this.#signals = new Signals((frame) => connection.send(frame), roomId);
    this.#outbox = new Outbox({
      transmit: (item, receipt) => this.#attendance.in && connection.send(
        frameOf(roomId, item, receipt), ({ headers }) => this.#outbox.receipted(item.key, Number(headers.seq), this.lastSeq)),
      changed: (items) => (on.pending(items), this.#letGo()),
      kept: unsent,
    });
    this.#attendance = new Attendance({
      connection, channel: this, load: () => this.#incoming.load(), onRefused: (problem) => this.#stop(problem),
    });
  }

  /** @returns {import('./timeline.js').Message[]} ascending by seq; the newest, and older ones as far as they were loaded */
  get messages() {
    return this.#incoming.timeline.messages;
  }

  get lastSeq() {
    return this.#incoming.timeline.lastSeq;
  }

  get hasOlder() {
    return this.#incoming.timeline.hasOlder;
  }

  get people() {
    return this.#incoming.people;
  }

  /** Comes in; also after having stopped, when the person wants to try again. */
  open() {
    if (!this.#attendance.in && this.#outbox.items.length > 0) this.#on.pending(this.#outbox.items);
    this.#attendance.open();
  }

  /** Tries at once instead of waiting: the network or the person is back. */
  wake() {
    this.#attendance.wake();
  }

  /** Nobody looks any more. What was written is sent still, then the room is let go. */
  close() {
    this.#mute();
    this.#signals.close();
    this.#letGo();
  }

  /**
   * As if the program had ended: what is unsent stays kept.
   * @param {import('./problem.js').Problem} [problem] for who awaits what is unsent
   */
  abandon(problem = own('abandoned', 'The room was let go before this message was stored. It is kept for the next visit.')) {
    this.#mute();
    this.#attendance.end();
    this.#outbox.abandon(problem);
    this.#given.gone?.();
  }

  /**
   * @param {string} text 1 to 2,000 characters; a picture's caption may be empty
   * @param {string} [imageId] of a picture, from upload()
   * @returns {Promise<{seq: number}>} once it is stored; it need not be awaited
   * @throws {import('./problem.js').Problem} when too many are still on their way
   */
  send(text, imageId) {
    return this.#outbox.add(text, imageId);
  }

  /**
   * Brings a picture to the room; nobody sees it before it is sent.
   * @param {Blob} picture JPEG, PNG, WebP or GIF, at most 5 MiB
   * @param {{progress?: (part: number) => void, signal?: AbortSignal}} [options] from 0 to 1; ends it
   * @returns {Promise<string>} its id, for send()
   * @throws {import('./problem.js').Problem}
   */
  upload(picture, options) {
    return upload(this.#given.api, this.roomId, picture, options);
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
    this.#incoming.timeline.read(seq);
    this.#signals.read(seq);
  }

  /** Older messages, told as those at the start. */
  loadOlder() {
    return this.#incoming.timeline.loadOlder();
  }

  /** Leaves for good. */
  async leave() {
    await this.#given.api.leaveRoom(this.roomId);
    this.#given.unsent.clear();
    this.abandon(own('left', 'You left the room before this message was stored.', { status: 403 }));
  }

  // What follows is the Channel of the connection.

  connected() {
    this.#incoming.start();
    this.#outbox.connected();
    this.#signals.connected();
  }

  disconnected() {
    this.#incoming.stop();
    this.#outbox.disconnected();
  }

  status = (/** @type {import('./connection.js').Status} */ status) => this.#on.status(status);
  notice = (/** @type {import('./problem.js').Problem} */ problem) => this.#on.notice(problem);

  /**
   * A refusal that does not break the session: of a SEND, or of our being here at all.
   * @param {import('./problem.js').Problem} problem
   * @param {string} [receipt]
   */
  refused(problem, receipt) {
    const ofMessage = this.#outbox.refused(receipt, problem);
    if (!ofMessage && !problem.instance.split('/').includes(this.roomId)) return false;
    if (problem.status === 403) this.#stop(problem);
    else if (problem.instance.startsWith('/topic/')) this.#incoming.again(problem.lastSeq);
    else if (!ofMessage) console.info('room', problem.message); // a typing or read mark: the next one may pass
    return true;
  }

  /** @param {import('./timeline.js').Message[]} own */
  #shown(own) {
    this.#outbox.shown(own);
    if (own.length > 0) this.#signals.spoke();
  }

  #mute() {
    this.#closed = true;
    Object.assign(this.#on, SILENT);
  }

  /** A room that nobody looks at is held only for what it still has to send. */
  #letGo() {
    if (this.#closed && !this.#outbox.busy) this.abandon();
  }

  /** @param {import('./problem.js').Problem} problem */
  #stop(problem) {
    this.#attendance.end();
    if (problem.status === 403) { // no longer a member: nobody may ask for this room again
      this.#outbox.lost(problem);
      this.#given.unsent.clear();
    }
    this.#on.status({ state: 'stopped', problem });
    if (this.#closed) this.abandon(problem);
  }
}
