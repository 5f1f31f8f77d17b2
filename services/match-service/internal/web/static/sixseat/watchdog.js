// Ends a connection that went silent: a laptop that slept keeps dead ones open for minutes.

export class Watchdog {
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;
  #limit;
  #connection;

  /** @param {number} limit ms @param {AbortController} connection */
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
