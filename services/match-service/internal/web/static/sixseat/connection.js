// One WebSocket for all rooms of a member: it connects, and comes back when it is lost. A
// member may have five sockets, so a window has one.

import { backoff } from './backoff.js';
import { afterClose } from './closing.js';
import { asProblem } from './problem.js';
import { Session } from './session.js';

const STABLE = 10_000; // ms; a connection that lived less does not reset the back-off
const GENTLY = 3; // attempts that we count ahead when the server is overloaded
const LINGER = 5_000; // ms without a room; who goes from one to the next keeps the socket

/**
 * @typedef {object} Status
 * @property {'closed'|'connecting'|'open'|'waiting'|'stopped'} state
 * @property {number} [retryAt] waiting: when the next attempt starts, in ms since 1970
 * @property {import('./problem.js').Problem} [problem] stopped: why; nothing but a person's wish starts it again
 */

/**
 * What shares the connection: a room.
 * @typedef {object} Channel
 * @property {() => void} connected a connection is there, all has to be subscribed anew
 * @property {() => void} disconnected it is gone, and with it all answers that were due
 * @property {(status: Status) => void} status
 * @property {(problem: import('./problem.js').Problem, receipt?: string) => boolean} refused whether it was about this channel
 * @property {(problem: import('./problem.js').Problem) => void} notice a problem that nobody knew
 */

export class Connection {
  /** @type {Status} */
  status = { state: 'closed' };
  #given;
  /** @type {Set<Channel>} */
  #channels = new Set();
  /** @type {Session|null} */
  #session = null;
  #tries = 0; // counts up; a try that was overtaken while it waited for a token gives up
  #attempt = 0; // of the back-off
  /** @type {string|undefined} a token that the server called expired */
  #refused;
  /** @type {ReturnType<typeof setTimeout>|undefined} the next attempt, or the end of lingering */
  #timer;

  /**
   * @param {object} given
   * @param {() => object} given.socket where and how to connect: brokerURL or webSocketFactory of stompjs
   * @param {() => Promise<new (config: any) => any>} given.client loads the class of stompjs, or something like it
   * @param {Pick<import('./identity.js').Identity, 'token'|'staleAt'>} given.identity
   */
  constructor(given) {
    this.#given = given;
  }

  /** @param {Channel} channel */
  join(channel) {
    if (this.#channels.size === 0) clearTimeout(this.#timer); // no longer lingering
    this.#channels.add(channel);
    if (this.#session?.connected) {
      channel.connected();
      channel.status(this.status);
    } else if (this.status.state !== 'connecting') this.open();
    else channel.status(this.status);
  }

  /** @param {Channel} channel */
  leave(channel) {
    if (!this.#channels.delete(channel) || this.#channels.size > 0) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.close(), LINGER);
  }

  /** Connects at once, also after having stopped: a person wants it. */
  open() {
    if (this.status.state !== 'waiting') this.#attempt = 0;
    void this.#connect();
  }

  /** Tries at once instead of waiting: the network or the person is back. */
  wake() {
    if (this.status.state === 'waiting') void this.#connect();
  }

  close() {
    this.#end({ state: 'closed' });
  }

  /**
   * Only for channels, while they are connected.
   * @param {Parameters<Session['subscribe']>} subscription
   */
  subscribe(...subscription) {
    if (!this.#session) throw new Error('there is no connection');
    return this.#session.subscribe(...subscription);
  }

  /**
   * @param {Parameters<Session['send']>} frame
   * @returns {boolean} false where there is no connection
   */
  send(...frame) {
    if (!this.#session?.connected) return false;
    this.#session.send(...frame);
    return true;
  }

  async #connect() {
    clearTimeout(this.#timer);
    if (this.status.state === 'connecting' || this.#session || this.#channels.size === 0) return;
    const mine = ++this.#tries;
    this.#tell({ state: 'connecting' });
    try {
      const [Client, token] = await Promise.all([this.#given.client(), this.#given.identity.token({ refused: this.#refused })]);
      if (mine === this.#tries) this.#start(Client, token);
    } catch (error) {
      if (mine !== this.#tries) return;
      const problem = asProblem(error);
      if (problem.temporary) this.#later(problem.message, { wait: problem.retryAfter });
      else this.#end({ state: 'stopped', problem });
    }
  }

  /** @param {new (config: any) => any} Client @param {string} token */
  #start(Client, token) {
    this.#session = new Session({
      ...this.#given,
      Client,
      token,
      socket: this.#given.socket(),
      onConnected: () => {
        this.#channels.forEach((channel) => channel.connected());
        this.#tell({ state: 'open' });
      },
      onRefused: (problem, receipt) => {
        const known = [...this.#channels].some((channel) => channel.refused(problem, receipt));
        if (!known) this.#channels.forEach((channel) => channel.notice(problem));
      },
      onEnded: (end) => this.#ended(end),
    });
  }

  /** @param {import('./session.js').End} end */
  #ended({ event, error, lived }) {
    const next = afterClose(event, error !== null);
    if (next.refresh) this.#refused = this.#session?.token;
    this.#forget();
    if (next.stop) return this.#end({ state: 'stopped', problem: error?.message ? error : next.stop });
    if (lived > STABLE) this.#attempt = 0;
    this.#later(`socket closed: ${event.code} ${event.reason}`, { ...next, wait: error?.retryAfter });
  }

  /**
   * Tries again after a while.
   * @param {string} why
   * @param {import('./closing.js').Next & {wait?: number}} next wait: seconds that the server asks for
   */
  #later(why, { now, gently, wait = 0 }) {
    console.info('connection', why);
    const first = this.#attempt === 0;
    const delay = now && first ? 0 : Math.max(wait * 1000, backoff(this.#attempt + (gently ? GENTLY : 0)));
    this.#attempt++;
    this.#tell({ state: 'waiting', retryAt: Date.now() + delay });
    this.#timer = setTimeout(() => void this.#connect(), delay);
  }

  /** @param {Status} status after which there is no connection */
  #end(status) {
    clearTimeout(this.#timer);
    this.#tries++;
    this.#session?.end();
    this.#forget();
    this.#tell(status);
  }

  #forget() {
    this.#session = null;
    this.#channels.forEach((channel) => channel.disconnected());
  }

  /** @param {Status} status */
  #tell(status) {
    this.status = status;
    this.#channels.forEach((channel) => channel.status(status));
  }
}
