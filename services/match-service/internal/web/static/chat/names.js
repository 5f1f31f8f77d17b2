// Sentences with the names of people in them. A name may be written from right to left in a
// sentence that is not, so each is a piece of its own.

import { h } from '../dom.js';
import { language, t } from '../words.js';

const MAX = 3; // names in a line; more are counted
const READERS = 2; // names beside a message, where there is less room
const PLACE = '\u0000'; // no text of ours and no name has it

/** @typedef {{text: string, name?: boolean}} Piece */

/**
 * @param {string} text with {names} in it, by t()
 * @param {Piece[]} names
 * @returns {Piece[]}
 */
function around(text, names) {
  const [before, after = ''] = text.split(PLACE);
  return [{ text: before }, ...names, { text: after }].filter((piece) => piece.text !== '');
}

/** @param {string[]} names @returns {Piece[]} "Kim, Lee and Ann" */
export const listed = (names) => new Intl.ListFormat(language(), { type: 'conjunction' }).formatToParts(names)
  .map(({ type, value }) => (type === 'element' ? { text: value, name: true } : { text: value }));

/** @param {string[]} names of those who type @returns {Piece[]} */
export function typingText(names) {
  if (names.length === 0) return [];
  if (names.length > MAX) return [{ text: t('chat.manyType', { n: names.length }) }];
  return around(t('chat.types', { n: names.length, names: PLACE }), listed(names));
}

/** @param {{names: string[], all: boolean}} mark of seenMarks() @returns {Piece[]} */
export function seenText({ names, all }) {
  if (all) return [{ text: t('chat.seenByAll') }];
  if (names.length <= READERS) return around(t('chat.seenBy', { names: PLACE }), listed(names));
  const named = names.slice(0, READERS).flatMap((name, i) => [...(i > 0 ? [{ text: ', ' }] : []), { text: name, name: true }]);
  return around(t('chat.seenByMore', { n: names.length - READERS, names: PLACE }), named);
}

/** @param {Pick<import('../sixseat.js').Message, 'type'|'createdBy'>} message ENTER or LEAVE @returns {Piece[]} */
export const eventText = ({ type, createdBy }) =>
  around(type === 'ENTER' ? t('chat.entered', { names: PLACE }) : t('chat.left', { names: PLACE }), listed([createdBy]));

/** @param {Piece[]} pieces @returns {string} */
export const plain = (pieces) => pieces.map(({ text }) => text).join('');

/** @param {Piece[]} pieces @returns {(Node|string)[]} */
export const nodes = (pieces) => pieces.map(({ text, name }) => (name ? h('bdi', {}, text) : text));
