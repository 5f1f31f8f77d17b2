// One STOMP session on one socket, from CONNECT to its end. Coming back is not its business.

import { keepFresh } from './fresh.js';
import { problemIn } from './problem.js';

const CONNECT_TIMEOUT = 15_000; // ms for WebSocket and STOMP together
// We promise a sign of life every 30 s and not every 10: browsers wake hidden pages once a
// minute, and the server closes after three times what was promised.
const HEARTBEAT_OUT = 30_000;
const HEARTBEAT_IN = 10_000;

/** @typedef {{body: string, headers: Record<string, string>}} Frame */

/**
 * @typedef {object} End
 * @property {{code: number, reason: string, wasClean: boolean}} event of the closed socket
 * @property {import('./problem.js').Problem|null} error what the last ERROR frame said
 * @property {number} lived ms since CONNECTED
 */

export class Session {
  token;
  /** @type {any} */
  #client;
  /** @type {import('./problem.js').Problem|null} */
  #error = null;
  #connectedAt = Infinity;
  /** @type {ReturnType<typeof setTimeout>|undefined} of connecting */
  #patience;
  #stopRefreshing = () => {};
  #given;

  /**
   * @param {object} given
   * @param {new (config: any) => any} given.Client of stompjs, or something like it
   * @param {object} given.socket where and how to connect: brokerURL or webSocketFactory of stompjs
   * @param {string} given.token
   * @param {Pick<import('./identity.js').Identity, 'token'|'staleAt'>} given.identity
   * @param {() => void} given.onConnected
   * @param {(problem: import('./problem.js').Problem, receipt?: string) => void} given.onRefused something was, and the session goes on
   * @param {(end: End) => void} given.onEnded by the server or the network; never after end()
   */
  constructor(given) {
    this.#given = given;
    this.token = given.token;
    // Reconnecting is ours (reconnectDelay 0), as stompjs knows no jitter and no close codes.
    this.#client = new given.Client({
      ...given.socket,
      connectHeaders: { Authorization: `Bearer ${given.token}` },
      reconnectDelay: 0,
      heartbeatIncoming: HEARTBEAT_IN,
      heartbeatOutgoing: HEARTBEAT_OUT,
      discardWebsocketOnCommFailure: true, // a dead network does not answer close()
      onConnect: () => this.#client && this.#connected(),
      onStompError: (/** @type {Frame} */ frame) => (this.#error = problemIn(frame)),
      onWebSocketClose: (/** @type {End['event']} */ event) => this.#client && this.#ended(event),
    });
    // Ours as well: that of stompjs goes on after the client was given up.
    this.#patience = setTimeout(() => this.#expired(), CONNECT_TIMEOUT);
    this.#client.activate();
  }

  get connected() {
    return Boolean(this.#client?.connected);
  }

  /**
   * @param {string} destination
   * @param {(frame: Frame) => void} callback
   * @param {Record<string, string>} [headers]
   * @returns {() => void} ends the subscription
   */
  subscribe(destination, callback, headers) {
    const { unsubscribe } = this.#client.subscribe(destination, callback, headers);
    return () => this.connected && unsubscribe();
  }

  /**
   * @param {{destination: string, body?: string, headers?: Record<string, string>}} frame
   * @param {(frame: Frame) => void} [receipted]
   */
  send(frame, receipted) {
    if (receipted && frame.headers) this.#client.watchForReceipt(frame.headers.receipt, receipted);
    this.#client.publish(frame);
  }

  end() {
    const client = this.#client;
    this.#forget();
    // By force: a polite DISCONNECT waits for its RECEIPT, for ever if need be.
    void client?.deactivate({ force: true });
  }

  #connected() {
    const { identity, onConnected, onRefused } = this.#given;
    clearTimeout(this.#patience);
    this.#connectedAt = Date.now();
    this.subscribe('/user/queue/errors', (frame) => onRefused(problemIn(frame), frame.headers['receipt-id']));
    this.#stopRefreshing = keepFresh(identity, this.token, (token) => {
      this.token = token;
      this.send({ destination: '/pub/session/refresh', headers: { Authorization: `Bearer ${token}` } });
    });
    onConnected();
  }

  #expired() {
    this.end();
    this.#ended({ code: 1006, reason: 'no CONNECTED in time', wasClean: false });
  }

  /** @param {End['event']} event */
  #ended(event) {
    this.#forget();
    this.#given.onEnded({ event, error: this.#error, lived: Date.now() - this.#connectedAt });
  }

  /** From here on nothing that the client still says counts. */
  #forget() {
    clearTimeout(this.#patience);
    this.#stopRefreshing();
    this.#client = null;
  }
}
