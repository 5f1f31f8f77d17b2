// Days between messages, in the reader's own time.

import { t, when } from '../words.js';

/** @param {Date} date @returns {string} the same for all moments of a day */
const dayOf = (date) => `${date.getFullYear()}-${date.getMonth()}-${date.getDate()}`;

/**
 * @param {string} at
 * @param {string|undefined} before the message before
 * @returns {boolean} whether a day begins with this message
 */
export const beginsDay = (at, before) => before === undefined || dayOf(new Date(at)) !== dayOf(new Date(before));

/**
 * @param {string} at
 * @param {Date} [now]
 * @returns {string} what people call that day
 */
export function dayName(at, now = new Date()) {
  const day = dayOf(new Date(at));
  if (day === dayOf(now)) return t('chat.today');
  if (day === dayOf(new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1))) return t('chat.yesterday');
  return when(at, { dateStyle: 'full' });
}
