// One message on its way.

import { own } from './problem.js';

/**
 * @typedef {object} Pending
 * @property {string} key idempotency key
 * @property {string} text
 * @property {string} [imageId] of a picture that was uploaded; text is its caption
 * @property {number} at when it was written, in ms since 1970
 * @property {'pending'|'sent'|'failed'} state sent: receipted, so stored, but not yet shown
 * @property {import('./problem.js').Problem|null} problem of a failed one
 * @property {number} seq of a sent one
 */

/**
 * @typedef {object} Answer
 * @property {Promise<{seq: number}>} stored need not be awaited: who does not sees the failed item
 * @property {(sent: {seq: number}) => void} resolve
 * @property {(problem: Error) => void} reject
 */

/** `tries` were in vain. @typedef {Pending & Answer & {tries: number}} Item */

/**
 * @param {string} key
 * @param {string} text
 * @param {number} at
 * @param {string} [imageId]
 * @returns {Item}
 */
export function newItem(key, text, at, imageId) {
  return { key, text, imageId, at, state: 'pending', problem: null, seq: 0, tries: 0, ...newAnswer() };
}

/** @returns {Answer} */
function newAnswer() {
  const answer = /** @type {Answer} */ ({});
  answer.stored = new Promise((resolve, reject) => Object.assign(answer, { resolve, reject }));
  answer.stored.catch(() => {});
  return answer;
}

/** randomUUID exists only on https and localhost; someone may try this in a home network. */
export function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join('');
}

export const unconfirmed = () => own('unconfirmed', 'The server has not confirmed this message.');

/** @param {string} roomId @param {Pending} item @param {string} receipt */
export function frameOf(roomId, { key, text, imageId }, receipt) {
  return {
    destination: `/pub/chat/${roomId}`,
    headers: { receipt, 'idempotency-key': key, 'content-type': 'application/json' },
    body: JSON.stringify(imageId ? { type: 'IMAGE', imageId, comment: text } : { type: 'TEXT', comment: text }),
  };
}
