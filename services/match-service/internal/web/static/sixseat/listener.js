// What a room needs, and what it tells.

/**
 * Each may be left out.
 * @typedef {object} Listener
 * @property {(messages: import('./contract.d.ts').Message[], where: 'end'|'start') => void} messages new at the end, or older at the start
 * @property {(firstSeq: number) => void} trimmed all before firstSeq are no longer kept
 * @property {(items: import('./pending.js').Pending[]) => void} pending messages of ours that the room does not show yet
 * @property {(people: import('./people.js').People) => void} people who is here, types, has read: something has changed
 * @property {(room: import('./contract.d.ts').RoomDetails) => void} details what the room is; the first time before its messages
 * @property {(status: import('./connection.js').Status) => void} status
 * @property {(problem: import('./problem.js').Problem) => void} notice something to tell that belongs to no message
 */

/**
 * @typedef {object} Given to a room
 * @property {string} roomId
 * @property {string} memberId
 * @property {import('./connection.js').Connection} connection
 * @property {Pick<import('./api.js').Api, 'room'|'messages'|'leaveRoom'|'offerPicture'>} api
 * @property {import('./unsent.js').Unsent} unsent
 * @property {Partial<Listener>} on
 * @property {() => void} [gone] it was closed, and has nothing to send any more
 */

/** @type {Listener} */
export const SILENT = { messages() {}, trimmed() {}, pending() {}, people() {}, details() {}, status() {}, notice() {} };
