// A stay in a room: it begins when the room lets us in, lasts through lost connections, and
// ends when we are refused, or when nobody looks any more and all that was written is sent.
// It is the room's channel on the connection that all rooms share.

import { Attendance } from './attendance.js';
import { Incoming } from './incoming.js';
import { SILENT } from './listener.js';
import { Outbox } from './outbox.js';
import { frameOf } from './pending.js';
import { own } from './problem.js';
import { Signals } from './signals.js';

/** @typedef {import('./problem.js').Problem} Problem */

export class Stay {
  incoming;
  outbox;
  signals;
  #given;
  /** @type {import('./listener.js').Listener} */
  #on;
  #attendance;
  #closed = false; // nobody looks any more

  /** @param {import('./listener.js').Given} given */
  constructor(given) {
    const { roomId, memberId, connection, unsent } = given;
    const on = { ...SILENT, ...given.on };
    this.#given = given;
    this.#on = on;
    this.incoming = new Incoming({ ...given, on, onShown: (messages) => this.#shown(messages.filter((message) => message.memberId === memberId)) });
    this.signals = new Signals((frame) => connection.send(frame), roomId);
    this.outbox = new Outbox({
      transmit: (item, receipt) => this.#attendance.in && connection.send(
        frameOf(roomId, item, receipt), ({ headers }) => this.outbox.receipted(item.key, Number(headers.seq), this.incoming.timeline.lastSeq)),
      changed: (items) => (on.pending(items), this.#letGo()),
      kept: unsent,
    });
    this.#attendance = new Attendance({
      connection, channel: this, load: () => this.incoming.load(), onRefused: (problem) => this.#stop(problem),
    });
  }

  open() {
    if (!this.#attendance.in && this.outbox.items.length > 0) this.#on.pending(this.outbox.items);
    this.#attendance.open();
  }

  wake() {
    this.#attendance.wake();
  }

  /** Nobody looks any more. */
  close() {
    this.#mute();
    this.signals.close();
    this.#letGo();
  }

  /** @param {Problem} [problem] for who awaits what is unsent */
  abandon(problem = own('abandoned', 'The room was let go before this message was stored. It is kept for the next visit.')) {
    this.#mute();
    this.#attendance.end();
    this.outbox.abandon(problem);
    this.#given.gone?.();
  }

  connected() {
    this.incoming.start();
    this.outbox.connected();
    this.signals.connected();
  }

  disconnected() {
    this.incoming.stop();
    this.outbox.disconnected();
  }

  status = (/** @type {import('./connection.js').Status} */ status) => this.#on.status(status);
  notice = (/** @type {Problem} */ problem) => this.#on.notice(problem);

  /**
   * A refusal that does not break the session: of a SEND, or of our being here at all.
   * @param {Problem} problem
   * @param {string} [receipt]
   */
  refused(problem, receipt) {
    const ofMessage = this.outbox.refused(receipt, problem);
    if (!ofMessage && !problem.instance.split('/').includes(this.#given.roomId)) return false;
    if (problem.status === 403) this.#stop(problem);
    else if (problem.instance.startsWith('/topic/')) this.incoming.again(problem.lastSeq);
    else if (!ofMessage) console.info('room', problem.message); // a typing or read mark: the next one may pass
    return true;
  }

  /** @param {import('./timeline.js').Message[]} own */
  #shown(own) {
    this.outbox.shown(own);
    if (own.length > 0) this.signals.spoke();
  }

  #mute() {
    this.#closed = true;
    Object.assign(this.#on, SILENT);
  }

  /** A room that nobody looks at is held only for what it still has to send. */
  #letGo() {
    if (this.#closed && !this.outbox.busy) this.abandon();
  }

  /** @param {Problem} problem */
  #stop(problem) {
    this.#attendance.end();
    if (problem.status === 403) { // no longer a member: nobody may ask for this room again
      this.outbox.lost(problem);
      this.#given.unsent.clear();
    }
    this.#on.status({ state: 'stopped', problem });
    if (this.#closed) this.abandon(problem);
  }
}
