// The conversation as it is seen: messages by seq, then what is still on its way.

import { h } from './dom.js';
import { readable } from './readable.js';

const NEAR = 80; // px from the end that still count as "reading the newest"

const LINES = { ENTER: 'took a seat', LEAVE: 'left the room' };
const MARKS = { pending: 'sending…', sent: 'sent' };

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' });

/**
 * @param {object} given
 * @param {string} given.me the reader's member id
 * @param {() => Promise<void>} given.older
 * @param {(key: string) => void} given.retry
 * @param {(key: string) => void} given.discard
 */
export function messageList({ me, older, retry, discard }) {
  let seatOf = () => 0;
  const shown = []; // {message, node}, ascending by seq
  const list = h('ol', { class: 'messages' });
  const pending = h('ol', { class: 'messages pending' });
  const more = h('button', { class: 'quiet more', hidden: true, onclick: () => loadOlder() }, 'Earlier messages');
  const log = h('div', { class: 'log', role: 'log', 'aria-label': 'Messages', tabindex: '0', 'aria-busy': 'true' },
    more, list, pending);
  const jump = h('button', { class: 'jump', hidden: true, onclick: () => toEnd() }, 'New messages ↓');

  const atEnd = () => log.scrollHeight - log.scrollTop - log.clientHeight < NEAR;
  const toEnd = () => {
    log.scrollTop = log.scrollHeight;
    jump.hidden = true;
  };
  let following = true;
  log.addEventListener('scroll', () => {
    following = atEnd();
    if (following) jump.hidden = true;
  }, { passive: true });
  // A phone's keyboard takes half of the room away: who read the newest goes on doing so.
  const resized = new ResizeObserver(() => following && toEnd());
  resized.observe(log);

  const loadOlder = async () => {
    more.disabled = true;
    await older();
    more.disabled = false;
  };
  const render = (message, before) => ({ message, node: entry(message, before, me, seatOf) });

  const append = (messages) => {
    const follow = atEnd();
    for (const message of messages) {
      const item = render(message, shown.at(-1)?.message);
      shown.push(item);
      list.append(item.node);
    }
    if (follow) toEnd();
    else if (messages.some(({ memberId }) => memberId !== me)) jump.hidden = false;
  };
  const prepend = (messages) => {
    const height = log.scrollHeight;
    const items = messages.map((message, i) => render(message, messages[i - 1]));
    shown.unshift(...items);
    list.prepend(...items.map(({ node }) => node));
    log.scrollTop += log.scrollHeight - height;
  };

  return {
    nodes: [log, jump],
    /** @param {(memberId: string) => number} lookup gives names their seat's colour */
    seats(lookup) {
      seatOf = lookup;
      shown.forEach(({ message, node }) => node.setAttribute('data-seat', seatOf(message.memberId)));
    },
    /** @param {import('./sixseat.js').Message[]} messages @param {'end'|'start'} where */
    add(messages, where) {
      if (where === 'start') prepend(messages);
      else append(messages);
    },
    /** @param {number} firstSeq */
    trim(firstSeq) {
      while (shown.length > 0 && shown[0].message.seq < firstSeq) shown.shift().node.remove();
    },
    /** @param {boolean} has */
    hasOlder(has) {
      more.hidden = !has;
    },
    /** @param {import('./sixseat.js').Pending[]} items */
    pending(items) {
      const follow = atEnd();
      pending.replaceChildren(...items.map((item) => waitingEntry(item, retry, discard)));
      if (follow) toEnd();
    },
    ready() {
      log.removeAttribute('aria-busy');
    },
    toEnd,
    close: () => resized.disconnect(),
  };
}

function entry(message, before, me, seatOf) {
  const at = new Date(message.createdAt);
  const time = h('time', { datetime: message.createdAt, title: full.format(at) }, clock.format(at));
  const seat = { 'data-seat': seatOf(message.memberId), 'data-seq': message.seq };
  if (message.type in LINES) {
    return h('li', { class: 'event', ...seat },
      h('bdi', {}, message.createdBy), ` ${LINES[message.type]} `, time);
  }
  const own = message.memberId === me;
  const follows = before?.memberId === message.memberId && !(before.type in LINES);
  return h('li', { class: ['message', own && 'own', follows && 'follows'].filter(Boolean).join(' '), ...seat },
    h('span', { class: own || follows ? 'author unseen' : 'author', dir: 'auto' }, own ? 'You' : message.createdBy),
    h('p', { dir: 'auto' }, message.type === 'IMAGE' ? '(a picture)' : message.comment),
    time);
}

function waitingEntry(item, retry, discard) {
  const foot = item.state === 'failed'
    ? h('span', { class: 'mark failed', role: 'alert' },
      `Not sent. ${readable(item.problem)} `,
      h('button', { class: 'link', onclick: () => retry(item.key) }, 'Send again'), ' ',
      h('button', { class: 'link', onclick: () => discard(item.key) }, 'Delete'))
    : h('span', { class: 'mark' }, MARKS[item.state]);
  return h('li', { class: `message own ${item.state}` }, h('p', { dir: 'auto' }, item.text), foot);
}
