// The rooms that this member is in, so that nobody loses one by closing a window.

import { h } from './dom.js';
import { line } from './line.js';
import { t } from './words.js';

/** @typedef {{memberId: string, nickname: string}} Person */
/** @typedef {{roomId: string, title: string, members: Person[], unread: number}} Entry of GET /chat/rooms */

/**
 * @param {import('./app.js').App} app
 * @returns {{node: HTMLElement, load: () => Promise<void>}}
 */
export function myRooms(app) {
  const list = h('ul', { class: 'rooms', role: 'list' });
  const error = line();
  const again = h('button', { class: 'quiet', hidden: true, onclick: () => load() }, t('again'));
  const node = h('section', { class: 'myrooms', hidden: true, 'aria-labelledby': 'myrooms-title' },
    h('h2', { id: 'myrooms-title' }, t('rooms.title')), list, error.node, again);
  let shown = '';

  const load = async () => {
    try {
      const { items } = await app.api.rooms();
      error.say('');
      again.hidden = true;
      node.hidden = items.length === 0;
      const next = JSON.stringify(items);
      if (next !== shown) list.replaceChildren(...items.map(entry)); // else the focus stays where it is
      shown = next;
    } catch (problem) {
      node.hidden = false;
      again.hidden = false;
      error.show(problem);
    }
  };
  const entry = (/** @type {Entry} */ { roomId, title, members, unread }) => {
    const others = members.filter(({ memberId }) => memberId !== app.api.member?.memberId);
    return h('li', { 'data-room': roomId }, h('a', { href: `#/rooms/${encodeURIComponent(roomId)}` },
      h('strong', {}, title),
      h('span', { dir: 'auto' }, others.map(({ nickname }) => nickname).join(', ') || t('rooms.alone')),
      unread > 0 ? h('span', { class: 'badge' }, t('rooms.unread', { n: unread })) : null));
  };
  void load();
  return { node, load };
}
