// What crossed the wire, newest last, as many as one looks through.

/** @typedef {import('./frame.js').Frame} Frame */

/**
 * @typedef {object} Entry
 * @property {number} n counts up
 * @property {Date} at
 * @property {'in'|'out'|'note'} direction
 * @property {Frame} frame of a note: its text is the body
 * @property {number} size octets of the WebSocket message
 */

/** @typedef {{text: string, direction: ''|'in'|'out', heartbeats: boolean}} Filter */

export const MAX = 1000; // entries; a busy room fills that in minutes, and a page with more is slow

export class Journal {
  /** @type {Entry[]} */
  entries = [];
  #n = 0;

  /** @param {Entry['direction']} direction @param {Frame} frame @param {number} size @returns {Entry} */
  add(direction, frame, size) {
    const entry = { n: ++this.#n, at: new Date(), direction, frame: withoutToken(frame), size };
    this.entries.push(entry);
    if (this.entries.length > MAX) this.entries.shift();
    return entry;
  }

  clear() {
    this.entries = [];
  }
}

/** @param {Entry} entry @param {Filter} filter */
export function fits({ direction, frame }, filter) {
  if (direction !== 'note' && filter.direction && filter.direction !== direction) return false;
  if (direction !== 'note' && frame.command === '' && !filter.heartbeats) return false;
  return textOf(frame).toLowerCase().includes(filter.text.toLowerCase());
}

/** As one would read it, ^@ at its end. @param {Frame} frame */
export function textOf({ command, headers, body }) {
  if (!command) return body || '\\n';
  return `${command}\n${headers.map(([name, value]) => `${name}:${value}\n`).join('')}\n${pretty(body)}^@`;
}

/** JSON with one value a line, anything else as it is. @param {string} body */
export function pretty(body) {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body; // not JSON: the text itself is what there is to see
  }
}

/** Tokens are not for screenshots, nor for what is copied into a bug report. @param {Frame} frame @returns {Frame} */
function withoutToken({ command, headers, body }) {
  const secret = (/** @type {string} */ name) => name === 'passcode' || name.toLowerCase() === 'authorization';
  return { command, body, headers: headers.map(([name, value]) => [name, secret(name) ? value.replace(/\S{8,}$/, '…') : value]) };
}
