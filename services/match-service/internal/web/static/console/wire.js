// One WebSocket of which everything is told: frames and heart-beats in both directions, and
// how it ends. It reconnects never, and answers nothing by itself but heart-beats.

import { decode, encode, header } from './frame.js';

/** @typedef {import('./frame.js').Frame} Frame */
/** @typedef {import('./frame.js').Version} Version */
/** @typedef {'closed'|'opening'|'open'|'connected'} State */

/**
 * @typedef {object} Listener
 * @property {(direction: 'in'|'out', frame: Frame, size: number) => void} frame
 * @property {(state: State) => void} state
 * @property {(code: number, reason: string) => void} closed
 * @property {(ms: number) => void} silent the server has not been heard for so long
 */

const SUBPROTOCOLS = { '1.0': 'v10.stomp', 1.1: 'v11.stomp', 1.2: 'v12.stomp' };
const PATIENCE = 3; // intervals without a sign of life, as the server counts

export class Wire {
  /** @type {Version} */
  #version = '1.2';
  /** @type {WebSocket|null} */
  #socket = null;
  /** @type {ReturnType<typeof setInterval>[]} */
  #timers = [];
  #promised = { out: 0, in: 0 }; // ms; what we offered
  #heard = 0;
  #url;
  #on;
  #WebSocket;
  /** @type {State} */
  state = 'closed';

  /** @param {string} url @param {Listener} on @param {new (url: string, protocols: string[]) => WebSocket} [socket] */
  constructor(url, on, socket = WebSocket) {
    this.#url = url;
    this.#on = on;
    this.#WebSocket = socket;
  }

  /** @param {{token: string, version: Version, out: number, in: number}} how heart-beats in ms */
  connect({ token, version, out, in: wanted }) {
    this.drop();
    this.#version = version;
    this.#promised = { out, in: wanted };
    const socket = new this.#WebSocket(this.#url, [SUBPROTOCOLS[version]]);
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    this.#become('opening');
    socket.onopen = () => {
      this.#become('open');
      this.send({
        command: 'CONNECT', body: '',
        headers: [['accept-version', version], ['host', location.host], ['heart-beat', `${out},${wanted}`], ['Authorization', `Bearer ${token}`]],
      });
    };
    socket.onmessage = ({ data }) => this.#received(data);
    socket.onclose = ({ code, reason }) => socket === this.#socket && this.#ended(code, reason);
  }

  /** @param {Frame} frame */
  send(frame) {
    this.sendText(frame.command ? encode(frame, this.#version) : '\n');
  }

  /** As it is, in one WebSocket message. @param {string} text @param {boolean} [binary] */
  sendText(text, binary = false) {
    const octets = new TextEncoder().encode(text);
    if (this.#socket?.readyState !== 1) return;
    this.#socket.send(binary ? octets : text);
    for (const frame of decode(octets, this.#version)) this.#on.frame('out', frame, octets.length);
  }

  /** Without a word. */
  drop() {
    const socket = this.#socket;
    if (!socket) return;
    socket.close();
    this.#ended(1000, '');
  }

  /** @param {string|ArrayBuffer} data */
  #received(data) {
    this.#heard = Date.now();
    const octets = typeof data === 'string' ? new TextEncoder().encode(data) : new Uint8Array(data);
    for (const frame of decode(octets, this.#version)) {
      if (frame.command === 'CONNECTED') this.#connected(frame);
      this.#on.frame('in', frame, octets.length);
    }
  }

  /** @param {Frame} frame */
  #connected(frame) {
    this.#become('connected');
    const [theirs, wanted] = header(frame, 'heart-beat').split(',').map(Number);
    const every = agreed(this.#promised.out, wanted);
    if (every) this.#timers.push(setInterval(() => this.send({ command: '', headers: [], body: '' }), every));
    const silence = agreed(this.#promised.in, theirs) * PATIENCE;
    if (silence) {
      this.#timers.push(setInterval(() => {
        const since = Date.now() - this.#heard;
        if (since > silence) this.#on.silent(since);
      }, silence));
    }
  }

  /** @param {number} code @param {string} reason */
  #ended(code, reason) {
    this.#timers.forEach(clearInterval);
    this.#timers = [];
    this.#socket = null;
    this.#become('closed');
    this.#on.closed(code, reason);
  }

  /** @param {State} state */
  #become(state) {
    this.state = state;
    this.#on.state(state);
  }
}

/** What both sides can keep; 0 where one of them does not want to. @param {number} ours @param {number} [theirs] */
const agreed = (ours, theirs) => (ours && theirs ? Math.max(ours, theirs) : 0);
