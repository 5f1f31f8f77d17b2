// The text/event-stream format, read piece by piece.

const MAX_BUFFER = 256 * 1024; // characters of one event; a queue state has some 3,000

/**
 * A parser for the event stream format (WHATWG HTML, section 9.2.6). Ids and `retry` are
 * left out: a client of this stream always starts again with the full state.
 */
export class SseParser {
  #buffer = '';
  #event = '';
  /** @type {string[]} */
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
    this.#buffer = lines.pop() ?? '';
    lines.forEach((line) => this.#line(line));
    if (this.#buffer.length + this.#size > MAX_BUFFER) throw new Error('an event is too long');
  }

  /** @param {string} line */
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
