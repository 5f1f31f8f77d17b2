// A connection that comes back when it is lost: when the next attempt is made, and after
// what there is none.

import { backoff } from './backoff.js';
import { afterClose } from './closing.js';
import { asProblem } from './problem.js';
import { Session } from './session.js';

const STABLE = 10_000; // ms; a connection that lived less does not reset the back-off
const GENTLY = 3; // attempts that we count ahead when the server is overloaded

/**
 * @typedef {object} Status
 * @property {'closed'|'connecting'|'open'|'waiting'|'stopped'} state
 * @property {number} [retryAt] waiting: when the next attempt starts, in ms since 1970
 * @property {import('./problem.js').Problem} [problem] stopped: why; nothing but a person's wish starts it again
 */

export class Reconnecting {
  /** @type {Status} */
  status = { state: 'closed' };
  #given;
  /** @type {Session|null} */
  #session = null;
  #tries = 0; // counts up; a try that was overtaken while it waited for a token gives up
  #attempt = 0; // of the back-off
  /** @type {string|undefined} a token that the server called expired */
  #refused;
  /** @type {ReturnType<typeof setTimeout>|undefined} the next attempt */
  #timer;

  /**
   * @param {object} given
   * @param {() => object} given.socket where and how to connect: brokerURL or webSocketFactory of stompjs
   * @param {() => Promise<new (config: any) => any>} given.client loads the class of stompjs, or something like it
   * @param {Pick<import('./identity.js').Identity, 'token'|'staleAt'>} given.identity
   * @param {() => boolean} given.wanted whether anybody needs it still
   * @param {() => void} given.onConnected
   * @param {() => void} given.onGone with all answers that were due
   * @param {(problem: import('./problem.js').Problem, receipt?: string) => void} given.onRefused something was, and the session goes on
   * @param {(status: Status) => void} given.onStatus
   */
  constructor(given) {
    this.#given = given;
  }

  /** @returns {Session|null} while it is connected */
  get session() {
    return this.#session?.connected ? this.#session : null;
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

  async #connect() {
    clearTimeout(this.#timer);
    if (this.status.state === 'connecting' || this.#session || !this.#given.wanted()) return;
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
        this.#given.onConnected();
        this.#tell({ state: 'open' });
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
    this.#given.onGone();
  }

  /** @param {Status} status */
  #tell(status) {
    this.status = status;
    this.#given.onStatus(status);
  }
}
