// What the end of a socket means. The numbers are those of the contract.

import { own } from './problem.js';

/**
 * @typedef {object} Next
 * @property {import('./problem.js').Problem} [stop] do not reconnect
 * @property {boolean} [now] the server expects us back at once
 * @property {boolean} [gently] it has too much to do: wait longer from the start
 * @property {boolean} [refresh] the token is no longer good
 */

/** @type {Next} */
const DROPPED = {};

/** @type {Record<number, () => Next>} */
const AFTER = {
  1002: () => ({ stop: own('protocol', 'This program and the server do not understand each other. Please load it anew.', { status: 400 }) }),
  1008: () => ({ stop: own('policy', 'The server ended this conversation.', { status: 403 }) }),
  1009: () => ({ stop: own('too-big', 'That message was too big for the server.', { status: 413 }) }),
  1012: () => ({ now: true }), // this node stops, others are there
  1013: () => ({ gently: true }),
  4001: () => ({ now: true, refresh: true }),
  4002: () => ({ now: true }), // we read too slowly; resuming fills in the rest
  4003: () => ({ stop: own('too-many-sessions', 'You have this chat open in too many windows. Close one of them, then try again here.', { status: 409 }) }),
};

/**
 * @param {{code: number, wasClean: boolean}} event of the closed socket
 * @param {boolean} blamed whether an ERROR frame came before
 * @returns {Next}
 */
export function afterClose({ code, wasClean }, blamed) {
  // stompjs reports a connection that it gave up itself as an unclean 4001, which is not
  // the server's "token expired".
  if (code === 4001 && !wasClean) return DROPPED;
  // Without an ERROR the server only heard nothing from us: the machine slept, say.
  if (code === 1002 && !blamed) return DROPPED;
  return AFTER[code]?.() ?? DROPPED;
}
