// The part of the room that scrolls: it follows the newest, stays where one reads, and asks
// for older messages at its upper end.

import { h } from '../dom.js';
import { t } from '../words.js';

const NEAR = 80; // px from the end that still count as "reading the newest"
const EARLY = 300; // px from the upper end at which older messages are asked for
const PAUSE = 5_000; // ms after a failure in which scrolling does not ask again; the button does

/**
 * @param {object} given
 * @param {HTMLElement[]} given.content
 * @param {() => Promise<boolean>} given.older false where they could not be had
 * @param {() => void} given.onSeen something else than before is on the screen
 */
export function scrollingLog({ content, older, onSeen }) {
  const more = h('button', { class: 'quiet more', hidden: true, onclick: () => loadOlder() }, t('chat.earlier'));
  const node = h('div', { class: 'log', role: 'log', 'aria-live': 'off', 'aria-label': t('chat.messages'), tabindex: '0', 'aria-busy': 'true' },
    more, ...content);
  const jump = h('button', { class: 'jump', hidden: true, 'data-jump': '', onclick: () => toEnd(true) });
  let following = true;
  let below = 0; // new messages of others since one last saw the end
  let loading = false;
  let failedAt = -Infinity;

  const atEnd = () => node.scrollHeight - node.scrollTop - node.clientHeight < NEAR;
  const label = () => {
    jump.hidden = following;
    jump.textContent = below > 0 ? t('chat.newBelow', { n: below }) : t('chat.toNewest');
  };
  const toEnd = (refocus = false) => {
    node.scrollTop = node.scrollHeight;
    following = true;
    below = 0;
    label();
    if (refocus) node.focus({ preventScroll: true });
  };
  const loadOlder = async () => {
    if (loading || more.hidden) return;
    loading = true;
    more.setAttribute('aria-disabled', 'true'); // disabled, it would lose the focus
    if (!(await older())) failedAt = Date.now();
    more.removeAttribute('aria-disabled');
    loading = false;
  };
  node.addEventListener('scroll', () => {
    following = atEnd();
    if (following) below = 0;
    label();
    if (node.scrollTop < EARLY && Date.now() - failedAt > PAUSE) void loadOlder();
    onSeen();
  }, { passive: true });
  // A phone's keyboard takes half of the room away: who read the newest goes on doing so.
  const resized = new ResizeObserver(() => following && toEnd());
  resized.observe(node);

  return {
    node,
    jump,
    toEnd,
    /** @returns {boolean} whether the newest is on the screen */
    get following() {
      return following;
    },
    /** @returns {number} px from the top of the content to the lower edge of what is seen */
    get bottom() {
      return node.scrollTop + node.clientHeight + 1; // a pixel for fractions
    },
    /** Changes the end. @param {() => void} change @param {number} [news] how many of others came */
    grow(change, news = 0) {
      following = atEnd(); // the event of a scroll may be still on its way
      change();
      if (following) return toEnd();
      below += news;
      label();
    },
    /** Changes what is above; what one looks at stays where it is. @param {() => void} change */
    keep(change) {
      const height = node.scrollHeight;
      change();
      node.scrollTop += node.scrollHeight - height;
    },
    /** @param {HTMLElement} target comes to the upper part of what is seen */
    show(target) {
      node.scrollTop = Math.max(0, target.offsetTop - node.clientHeight / 4);
      following = atEnd();
      label();
    },
    /** @param {boolean} has */
    hasOlder(has) {
      more.hidden = !has;
    },
    ready: () => node.removeAttribute('aria-busy'),
    close: () => resized.disconnect(),
  };
}
