// What the end of a socket means. The numbers are those of the contract.

/**
 * @typedef {object} Next
 * @property {string} [stop] do not reconnect; the line says why
 * @property {boolean} [now] the server expects us back at once
 * @property {boolean} [gently] it has too much to do: wait longer from the start
 * @property {boolean} [refresh] the token is no longer good
 */

const DROPPED = {};

/** @type {Record<number, Next>} */
const AFTER = {
  1002: { stop: 'This page and the server do not understand each other. Please reload the page.' },
  1008: { stop: 'The server ended this conversation.' },
  1009: { stop: 'That message was too big for the server.' },
  1012: { now: true }, // this node stops, others are there
  1013: { gently: true },
  4001: { now: true, refresh: true },
  4002: { now: true }, // we read too slowly; resuming fills in the rest
  4003: { stop: 'You have this chat open in too many windows. Close one of them, then try again here.' },
};

/**
 * @param {{code: number, wasClean: boolean}} event of the closed socket
 * @returns {Next}
 */
export function afterClose({ code, wasClean }) {
  // stompjs reports a connection that it gave up itself as an unclean 4001, which is not
  // the server's "token expired".
  if (code === 4001 && !wasClean) return DROPPED;
  return AFTER[code] ?? DROPPED;
}
