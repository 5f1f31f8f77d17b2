// Server-sent events over fetch. EventSource cannot send the Authorization header, and a
// token has no place in an address.

import { backoff } from './backoff.js';
import { Problem, problemOf } from './problem.js';
import { SseParser } from './sse.js';
import { Watchdog } from './watchdog.js';

const SILENCE = 40_000; // ms; the server writes a comment every 15 s at the latest
const WORTHWHILE = 5_000; // ms; who is sent away sooner than that must not come back in a tight loop

/**
 * @typedef {object} StreamListener
 * @property {(event: {event: string, data: string}) => void} onEvent
 * @property {(failures: number) => void} onFailures how often in a row it did not connect; 0 when it did
 * @property {(problem: Problem) => void} onRefused the server does not want us; the stream is over
 */

/** An event stream that stays: it reconnects until it is closed. */
export class EventStream {
  #options;
  #stop = new AbortController(); // the whole stream
  /** @type {AbortController|null} of the connection of now */
  #current = null;
  /** @type {() => void} */
  #wake = () => {};
  #failures = 0;

  /**
   * @param {{url: string, token: (than?: {refused?: string}) => Promise<string>} & StreamListener} options
   */
  constructor(options) {
    this.#options = options;
    void this.#run();
  }

  /** Tries at once instead of waiting: the network or the person is back. */
  wake() {
    this.#wake();
  }

  /** The network is gone: what is open is dead, and only its silence would tell. */
  cut() {
    this.#current?.abort();
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
        if (this.#stop.signal.aborted) return;
        refused = undefined;
        const began = Date.now();
        const any = await this.#read(token);
        if (any && Date.now() - began > WORTHWHILE) continue; // ended by the server after its time: no fuss
      } catch (/** @type {any} */ error) {
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

  /**
   * Reads one connection to its end; says whether it brought anything.
   * @param {string} token
   */
  async #read(token) {
    const connection = new AbortController();
    this.#current = connection;
    const watchdog = new Watchdog(SILENCE, connection);
    try {
      const response = await fetch(this.#options.url, {
        headers: { Accept: 'text/event-stream', Authorization: `Bearer ${token}` },
        cache: 'no-store',
        signal: connection.signal,
      });
      if (!response.ok) throw await problemOf(response);
      return await this.#pump(response, watchdog);
    } finally {
      watchdog.stop();
    }
  }

  /** @param {Response} response @param {Watchdog} watchdog */
  async #pump(response, watchdog) {
    let any = false;
    const parser = new SseParser((event) => {
      any = true;
      this.#succeeded();
      // What was on its way when the stream was closed is no longer news.
      if (!this.#stop.signal.aborted) this.#options.onEvent(event);
    });
    const reader = /** @type {ReadableStream<any>} */ (response.body).pipeThrough(new TextDecoderStream()).getReader();
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
    return /** @type {Promise<void>} */ (new Promise((resolve) => {
      const timer = setTimeout(resolve, delay);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
      if (this.#stop.signal.aborted) this.#wake();
    }));
  }
}
