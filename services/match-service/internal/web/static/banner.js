// The line below the header while one looks at something else: how the waiting goes, or
// that a room has opened. It knows no DOM.

/**
 * @typedef {object} Banner
 * @property {string} key of its words
 * @property {Record<string, string|number>} values
 * @property {string} href where it leads
 */

/**
 * @param {object} now
 * @param {import('./sixseat/contract.d.ts').State} now.queue
 * @param {string} now.place the screen of now, by its hash
 * @param {{roomId: string, title: string}|null} now.opened a room that has opened while one was in another
 * @param {string} now.title of the film that is waited for
 * @returns {Banner|null}
 */
export function bannerOf({ queue, place, opened, title }) {
  if (opened) {
    const href = roomHash(opened.roomId);
    return place === href ? null : { key: 'app.roomOpen', values: { title: opened.title }, href };
  }
  if (queue.state !== 'waiting' || place === '#/waiting' || place === '') return null;
  return { key: 'app.waitingElsewhere', values: { title, n: queue.waiting, seats: queue.seats }, href: '#/waiting' };
}

/** @type {Record<string, string>} */
const REASONS = { expired: 'app.expired', 'seat-given-away': 'app.seatGivenAway' };

/**
 * Why the place in the queue is gone: told once, while the server says it at each look.
 * @param {import('./sixseat/contract.d.ts').State} now
 * @param {import('./sixseat/contract.d.ts').State} [before] what was known before; undefined where nothing was
 * @returns {string|undefined} the key of its words
 */
export function lostPlace(now, before) {
  return before?.state === 'idle' ? undefined : REASONS[now.state === 'idle' && now.reason || ''];
}

/** @param {string} roomId */
export const roomHash = (roomId) => `#/rooms/${encodeURIComponent(roomId)}`;

/** @param {string} path @returns {string} the room's id, '' where it is none */
export function roomOf(path) {
  const [, kind, id = ''] = path.split('/');
  if (kind !== 'rooms') return '';
  try {
    return decodeURIComponent(id);
  } catch {
    return ''; // an address that somebody has cut
  }
}
