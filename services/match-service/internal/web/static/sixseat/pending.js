// One message on its way.

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

/** `tries` were in vain. @typedef {Pending & {tries: number, resolve: (sent: {seq: number}) => void, reject: (problem: Error) => void}} Item */

/**
 * @param {string} key
 * @param {string} text
 * @param {number} at
 * @param {string} [imageId]
 * @returns {Item}
 */
export function newItem(key, text, at, imageId) {
  return { key, text, imageId, at, state: 'pending', problem: null, seq: 0, tries: 0, resolve: () => {}, reject: () => {} };
}

/** randomUUID exists only on https and localhost; someone may try this in a home network. */
export function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join('');
}

/** @param {string} roomId @param {Pending} item @param {string} receipt */
export function frameOf(roomId, { key, text, imageId }, receipt) {
  return {
    destination: `/pub/chat/${roomId}`,
    headers: { receipt, 'idempotency-key': key, 'content-type': 'application/json' },
    body: JSON.stringify(imageId ? { type: 'IMAGE', imageId, comment: text } : { type: 'TEXT', comment: text }),
  };
}
