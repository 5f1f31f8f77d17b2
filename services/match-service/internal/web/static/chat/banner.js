// How the connection is, once it is not well for longer than a blink (see .connection in chat.css).

import { h } from '../dom.js';
import { line } from '../line.js';
import { readable } from '../readable.js';
import { t } from '../words.js';

/**
 * @param {object} on
 * @param {() => void} on.tryNow while it waits for the next attempt
 * @param {() => void} on.tryAgain after it has stopped
 */
export function banner({ tryNow, tryAgain }) {
  const text = line({ role: 'status' });
  const countdown = h('span', { class: 'countdown', 'aria-hidden': 'true', 'data-countdown': '' }); // not read out each second
  const now = h('button', { class: 'quiet', onclick: tryNow }, t('chat.tryNow'));
  const again = h('button', { class: 'quiet', onclick: tryAgain }, t('again'));
  const node = h('div', { class: 'connection', hidden: true, 'data-connection': 'open' }, text.node, countdown, now, again);
  /** @type {ReturnType<typeof setInterval>|undefined} */
  let ticking;

  /** @param {number} [retryAt] */
  const count = (retryAt = 0) => {
    const seconds = Math.ceil((retryAt - Date.now()) / 1000);
    countdown.textContent = seconds > 0 ? t('chat.retryIn', { n: seconds }) : '';
  };
  /** @param {import('../sixseat.js').Status} status */
  const show = ({ state, problem, retryAt }) => {
    clearInterval(ticking);
    // It shows late, but once it does it stays until all is well: attempts come and go.
    node.hidden = state === 'open';
    node.setAttribute('data-connection', state);
    now.hidden = state !== 'waiting';
    again.hidden = state !== 'stopped';
    countdown.textContent = '';
    if (state === 'waiting') {
      count(retryAt);
      ticking = setInterval(() => count(retryAt), 1000);
    }
    text.say(state === 'open' ? '' : state === 'stopped' ? (problem ? readable(problem) : '') : t('chat.lost'));
  };
  return { node, show, focus: () => again.focus(), close: () => clearInterval(ticking) };
}
