// Several people in one line.

import { language, t } from '../words.js';

const MAX = 3; // names in a line; more are counted

/** @param {string[]} names @returns {string} "Kim, Lee and Ann" */
export const listed = (names) => new Intl.ListFormat(language(), { type: 'conjunction' }).format(names);

/** @param {string[]} names of those who type @returns {string} */
export function typingText(names) {
  if (names.length === 0) return '';
  return names.length > MAX ? t('chat.manyType', { n: names.length }) : t('chat.types', { n: names.length, names: listed(names) });
}

/** @param {{names: string[], all: boolean}} mark of seenMarks() @returns {string} */
export function seenText({ names, all }) {
  return all ? t('chat.seenByAll') : t('chat.seenBy', { names: listed(names) });
}
