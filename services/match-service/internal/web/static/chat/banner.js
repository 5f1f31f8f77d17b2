// How the connection is, once it is not well for longer than a blink (see .connection in chat.css).

import { h } from '../dom.js';
import { line } from '../line.js';
import { t } from '../words.js';

/** Whether one is not in this room: trying again is of no use. @param {import('../sixseat.js').Status} status */
export const isOut = ({ state, problem }) => state === 'stopped' && problem?.status === 403;

/**
 * @param {object} on
 * @param {() => void} on.tryNow while it waits for the next attempt
 * @param {() => void} on.tryAgain after it has stopped
 * @param {() => void} on.goAway from a room that one is not in
 */
export function banner({ tryNow, tryAgain, goAway }) {
  let state = 'open';
  let out = false;
  let lost = false; // else an attempt is the first one
  const text = line({ role: 'status' });
  const progress = h('span', { class: 'progress', 'aria-hidden': 'true', 'data-progress': '' }); // not read out each second
  // One button for all: who has pressed it finds the focus where it was.
  const button = h('button', { class: 'quiet', onclick: () => {
    if (state === 'waiting') tryNow();
    else if (state === 'stopped') (out ? goAway : tryAgain)();
  } });
  const node = h('div', { class: 'connection', hidden: true, 'data-connection': 'open' }, text.node, progress, button);
  /** @type {ReturnType<typeof setInterval>|undefined} */
  let ticking;

  /** @param {number} [retryAt] */
  const count = (retryAt = 0) => {
    const seconds = Math.ceil((retryAt - Date.now()) / 1000);
    progress.textContent = seconds > 0 ? t('chat.retryIn', { n: seconds }) : '';
  };
  /** @param {import('../sixseat.js').Status} status */
  const show = (status) => {
    const { state: now, problem, retryAt } = status;
    state = now;
    out = isOut(status);
    lost = now === 'waiting' || now === 'stopped' || (lost && now === 'connecting');
    clearInterval(ticking);
    // It shows late, but once it does it stays until all is well: attempts come and go.
    node.hidden = now === 'open';
    node.setAttribute('data-connection', now);
    button.hidden = now === 'connecting' && !lost; // the first attempt: there is nothing to hurry
    button.textContent = now !== 'stopped' ? t('chat.tryNow') : out ? t('app.films') : t('again');
    button.setAttribute('aria-disabled', String(now === 'connecting')); // disabled, it would lose the focus
    progress.textContent = now === 'connecting' && lost ? t('chat.connecting') : '';
    if (now === 'waiting') {
      count(retryAt);
      ticking = setInterval(() => count(retryAt), 1000);
    }
    if (now === 'stopped') text.show(problem);
    else text.say(lost ? t('chat.lost') : now === 'connecting' ? t('chat.connecting') : '');
  };
  return { node, show, focus: () => button.focus(), close: () => clearInterval(ticking) };
}
