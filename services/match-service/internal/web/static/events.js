// Server-sent events over fetch. EventSource cannot send the Authorization header, and a
// token has no place in an address.

import { backoff } from './backoff.js';
import { Problem, problemOf } from './api.js';

const MAX_BUFFER = 256 * 1024; // characters of one event; a queue state has some 3,000
const SILENCE = 40_000; // ms; the server writes a comment every 15 s at the latest
const WORTHWHILE = 5_000; // ms; who is sent away sooner than that must not come back in a tight loop

/**
 * A parser for the event stream format (WHATWG HTML, section 9.2.6). Ids and `retry` are
 * left out: a client of this stream always starts again with the full state.
 */
export class SseParser {
  #buffer = '';
  #event = '';
  #data = [];
  #size = 0;
  #afterCR = false; // the LF of a CR LF may come with the next piece
  #started = false;
  #emit;

  /** @param {(event: {event: string, data: string}) => void} emit */
  constructor(emit) {
    this.#emit = emit;
  }

  /** @param {string} piece any piece of the stream, cut anywhere */
  push(piece) {
    if (!this.#started && piece) {
      this.#started = true;
      if (piece.startsWith('\uFEFF')) piece = piece.slice(1);
    }
    if (!piece) return;
    const rest = this.#afterCR && piece.startsWith('\n') ? piece.slice(1) : piece;
    this.#afterCR = piece.endsWith('\r');
    const lines = (this.#buffer + rest).split(/\r\n|\n|\r/);
    this.#buffer = lines.pop();
    lines.forEach((line) => this.#line(line));
    if (this.#buffer.length + this.#size > MAX_BUFFER) throw new Error('an event is too long');
  }

  #line(line) {
    if (line === '') return this.#dispatch();
    const colon = line.indexOf(':');
    if (colon === 0) return; // a comment: a sign of life
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') this.#event = value;
    if (field === 'data') {
      this.#data.push(value);
      this.#size += value.length + 1;
    }
  }

  #dispatch() {
    const event = { event: this.#event || 'message', data: this.#data.join('\n') };
    const empty = this.#data.length === 0;
    this.#event = '';
    this.#data = [];
    this.#size = 0;
    if (!empty) this.#emit(event);
  }
}

/** An event stream that stays: it reconnects until it is closed. */
export class EventStream {
  #options;
  #stop = new AbortController(); // the whole stream
  #current = null; // AbortController of the connection of now
  #wake = () => {};
  #failures = 0;

  /**
   * @param {object} options
   * @param {string} options.url
   * @param {(than?: {refused?: string}) => Promise<string>} options.token
   * @param {(event: {event: string, data: string}) => void} options.onEvent
   * @param {(failures: number) => void} options.onFailures how often in a row it did not connect; 0 when it did
   * @param {(problem: Problem) => void} options.onRefused the server does not want us; the stream is over
   */
  constructor(options) {
    this.#options = options;
    void this.#run();
  }

  /** Tries at once instead of waiting: the network or the person is back. */
  wake() {
    this.#wake();
  }

  close() {
    this.#stop.abort();
    this.#current?.abort();
    this.#wake();
  }

  async #run() {
    let refused;
    while (!this.#stop.signal.aborted) {
      let token;
      try {
        token = await this.#options.token({ refused });
        refused = undefined;
        const began = Date.now();
        const any = await this.#read(token);
        if (any && Date.now() - began > WORTHWHILE) continue; // ended by the server after its time: no fuss
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        if (error.status === 401 && token) refused = token;
        else if (error instanceof Problem && !error.temporary) return this.#options.onRefused(error);
        else console.warn('event stream', error);
        await this.#pause(error.retryAfter);
        continue;
      }
      await this.#pause();
    }
  }

  /** Reads one connection to its end; says whether it brought anything. */
  async #read(token) {
    this.#current = new AbortController();
    const watchdog = new Watchdog(SILENCE, this.#current);
    try {
      const response = await fetch(this.#options.url, {
        headers: { Accept: 'text/event-stream', Authorization: `Bearer ${token}` },
        cache: 'no-store',
        signal: this.#current.signal,
      });
      if (!response.ok) throw await problemOf(response);
      return await this.#pump(response, watchdog);
    } finally {
      watchdog.stop();
    }
  }

  async #pump(response, watchdog) {
    let any = false;
    const parser = new SseParser((event) => {
      any = true;
      this.#succeeded();
      // What was on its way when the stream was closed is no longer news.
      if (!this.#stop.signal.aborted) this.#options.onEvent(event);
    });
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return any;
      watchdog.feed();
      parser.push(value);
    }
  }

  #succeeded() {
    if (this.#failures > 0) this.#options.onFailures(0);
    this.#failures = 0;
  }

  #pause(atLeastSeconds = 0) {
    const delay = Math.max(backoff(this.#failures++), atLeastSeconds * 1000);
    this.#options.onFailures(this.#failures);
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, delay);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
      if (this.#stop.signal.aborted) this.#wake();
    });
  }
}

/** Ends a connection that went silent: a laptop that slept keeps dead ones open for minutes. */
class Watchdog {
  #timer;
  #limit;
  #connection;

  constructor(limit, connection) {
    this.#limit = limit;
    this.#connection = connection;
    this.feed();
  }

  feed() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#connection.abort(), this.#limit);
  }

  stop() {
    clearTimeout(this.#timer);
  }
}
