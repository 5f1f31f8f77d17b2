// Problems as lines for a person: words of our own for the types we know, what the server
// said for the others.

import { Problem } from './sixseat/problem.js';
import { hasWords, t } from './words.js';

/**
 * @param {unknown} error
 * @returns {string}
 */
export function readable(error) {
  if (!(error instanceof Problem)) {
    console.error(error);
    return t('problem.page');
  }
  const slug = error.type.split(':').at(-1) ?? '';
  // A field may be any: what the server says of one without words of its own is for programs.
  const fields = slug === 'invalid' ? new Set(error.errors.map(({ field }) => known(field) ?? t('problem.field', { field }))) : [];
  const wait = error.status === 429 && error.retryAfter > 0 ? ` ${t('problem.retry', { n: error.retryAfter })}` : '';
  return ([...fields].join(' ') || (known(slug) ?? error.message)) + wait;
}

/** Types and fields live in one list: the contract gives no name to both. @param {string} name */
function known(name) {
  const key = `problem.${name}`;
  return hasWords(key) ? t(key) : undefined;
}

/** What the queue has to tell. @param {import('./sixseat/queue.js').Trouble} trouble @returns {string} */
export function readableTrouble(trouble) {
  if (trouble.kind === 'lost') return t('waiting.lost');
  const why = readable(trouble.problem);
  return trouble.kind === 'door' ? t('waiting.door', { why }) : why;
}
