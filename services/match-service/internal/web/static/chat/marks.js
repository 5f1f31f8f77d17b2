// The marks under one's own messages: who has come so far; under the newest at least that it
// is stored.

import { t } from '../words.js';
import { nodes, plain, seenText } from './names.js';
import { seenMarks } from './seen.js';

/** @typedef {{message: import('../sixseat.js').Message, mark: HTMLElement|null}} Marked mark: where it stands, for one's own */

/** @param {Marked[]} items ascending by seq @param {import('../sixseat.js').Person[]} others in the room */
export function mark(items, others) {
  const own = items.filter((item) => item.mark);
  const seen = seenMarks(own.map(({ message }) => message.seq), others);
  for (const { message, mark } of own) {
    const readers = seen.get(message.seq);
    const newest = message === own.at(-1)?.message;
    if (readers) put(mark, 'seen', seenText(readers), readers.names.join(', '));
    else if (newest) put(mark, 'sent', [{ text: t('chat.sent') }]);
    else put(mark, '', []);
  }
}

/** @param {HTMLElement|null} mark @param {string} state @param {import('./names.js').Piece[]} pieces @param {string} [title] all names, some of which are cut or counted */
function put(mark, state, pieces, title = '') {
  if (!mark || (mark.textContent === plain(pieces) && mark.title === title)) return;
  mark.replaceChildren(...nodes(pieces));
  mark.title = title;
  mark.setAttribute('data-mark', state);
}
