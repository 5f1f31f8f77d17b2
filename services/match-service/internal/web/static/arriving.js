// What stands where a screen will be whose files are not here yet: one sees that it comes, and
// what keeps it. It is tried again by itself, so that a room opens though nobody does anything.

import { h } from './dom.js';
import { line } from './line.js';
import { backoff } from './sixseat/backoff.js';
import { own, unreachable } from './sixseat/problem.js';
import { t } from './words.js';

/**
 * @param {object} given
 * @param {() => Promise<any>} given.fetch what it needs; may be called again after it has failed
 * @param {() => void} given.arrived
 * @returns {import('./stage.js').Screen}
 */
export function arriving({ fetch, arrived }) {
  const title = t('arriving.title');
  const why = line({ role: 'status' });
  // The page itself: what a browser has of a file that is broken it gives again and again.
  const reload = h('button', { class: 'quiet', hidden: true, onclick: () => location.reload() }, t('arriving.reload'));
  const node = h('section', { 'aria-busy': 'true' }, h('h1', { tabindex: '-1' }, title), why.node, reload);
  let tries = 0;
  let closed = false;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let timer;

  const attempt = async () => {
    clearTimeout(timer);
    try {
      await fetch();
      if (!closed) arrived();
    } catch (error) {
      if (closed) return;
      why.show(problemOf(error));
      reload.hidden = false;
      timer = setTimeout(attempt, backoff(tries++));
    }
  };
  const close = () => {
    closed = true;
    clearTimeout(timer);
    window.removeEventListener('online', attempt);
  };
  window.addEventListener('online', attempt);
  void attempt();
  return { node, title, close };
}

/** A file of another version than ours, as a deploy may give, has not what we ask it for. @param {unknown} error */
const problemOf = (error) => error instanceof SyntaxError
  ? own('other-version', 'This page has changed meanwhile. Please load it again.')
  : unreachable(error, 'a part of the page');
