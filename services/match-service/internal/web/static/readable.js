// What goes wrong, in words for a person.

import { Problem } from './sixseat.js';

/**
 * A problem as a line for a person.
 * @param {unknown} error
 * @param {Record<string,string>} [labels] what people call the fields
 * @returns {string}
 */
export function readable(error, labels = {}) {
  if (!(error instanceof Problem)) {
    console.error(error);
    return 'Something went wrong on this page. Please reload it.';
  }
  const fields = error.errors.map(({ field, reason }) => `${labels[field] ?? field} ${reason}.`);
  const wait = error.status === 429 && error.retryAfter > 0 ? ` Try again in ${error.retryAfter} s.` : '';
  return (fields.join(' ') || error.message) + wait;
}
