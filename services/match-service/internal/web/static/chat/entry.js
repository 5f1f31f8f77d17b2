// One message, one day or one line between them, as it is seen.

import { h } from '../dom.js';
import { readable } from '../readable.js';
import { t, when } from '../words.js';
import { dayName } from './days.js';
import { pieces } from './links.js';
import { eventText, nodes } from './names.js';

/** @typedef {import('../sixseat.js').Message} Message */
/** @typedef {import('../sixseat.js').Pending} Pending */
/** @typedef {(picture: import('../sixseat.js').Picture, alt: string) => Node} Show */

const FINAL = [400, 413]; // the message itself is refused, and not the moment

/** @param {import('../sixseat.js').Problem|null} problem of a failed message @returns {boolean} whether the same may be taken later */
export const mayComeIn = (problem) => !problem || !FINAL.includes(problem.status);

/** @param {Message|undefined} message */
const isLine = (message) => message?.type === 'ENTER' || message?.type === 'LEAVE';

/**
 * @param {Message} message
 * @param {object} how
 * @param {boolean} how.own
 * @param {number} how.seat
 * @param {Show} how.picture
 * @param {Message} [how.before] the message before, if it is of the same day
 * @returns {HTMLElement}
 */
export function messageEntry(message, { own, seat, picture, before }) {
  const props = { 'data-seq': message.seq, 'data-seat': seat, 'data-own': own };
  if (isLine(message)) {
    return h('li', { class: 'event', ...props }, ...(own && message.type === 'ENTER' ? [t('chat.youEntered')] : nodes(eventText(message))), ' ', clock(message.createdAt));
  }
  const follows = !isLine(before) && before?.memberId === message.memberId;
  return h('li', { class: ['message', own && 'own', follows && 'follows'].filter(Boolean).join(' '), ...props },
    h('span', { class: own || follows ? 'author unseen' : 'author', dir: 'auto' }, own ? t('seat.you') : message.createdBy),
    h('p', { dir: 'auto' }, ...shown(message, picture), ...said(message)),
    h('span', { class: 'foot' }, clock(message.createdAt), own ? h('span', { class: 'mark', 'data-mark': '' }) : null));
}

/** @param {Message} message @param {Show} picture @returns {Node[]} its caption is said of a picture to those who do not see it */
function shown({ image, comment, createdBy }, picture) {
  return image ? [picture(image, comment || t('picture.of', { name: createdBy }))] : [];
}

/** @param {Message} message @returns {(string|Node)[]} */
function said({ comment }) {
  return pieces(comment).map(({ text, href }) => (href ? h('a', { href, target: '_blank', rel: 'noopener noreferrer', dir: 'ltr' }, text) : text));
}

/** @param {string} at */
function clock(at) {
  return h('time', { datetime: at, title: when(at, { dateStyle: 'full', timeStyle: 'medium' }) },
    when(at, { hour: '2-digit', minute: '2-digit' }));
}

/**
 * @param {string} at
 * @returns {HTMLElement} the line with which a day begins
 */
export const dayEntry = (at) => h('li', { class: 'day', 'data-day': at }, h('span', {}, dayName(at)));

/**
 * A message of one's own that the room does not show yet.
 * @param {Pending} item
 * @param {{retry: (key: string) => void, discard: (key: string) => void}} on
 * @returns {HTMLElement}
 */
export function pendingEntry({ key, text, imageId, state, problem }, { retry, discard }) {
  const mark = state === 'failed'
    ? h('span', { class: 'foot', role: 'alert' },
      `${t('chat.notSent')} ${problem ? readable(problem) : ''} `,
      ...(mayComeIn(problem) ? [h('button', { class: 'link', 'data-retry': '', onclick: () => retry(key) }, t('chat.retry')), ' '] : []),
      h('button', { class: 'link', 'data-discard': '', onclick: () => discard(key) }, t('chat.discard')))
    : h('span', { class: 'foot' }, h('span', { class: 'mark', 'data-mark': state }, t(state === 'sent' ? 'chat.sent' : 'chat.sending')));
  return h('li', { class: `message own ${state}`, 'data-state': state, 'data-own': true }, h('p', { dir: 'auto' }, imageId ? `${t('chat.picture')} ${text}` : text), mark);
}
