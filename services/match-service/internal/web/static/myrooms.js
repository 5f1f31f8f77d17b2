// The rooms that this member is in, so that nobody loses one by closing a window.

import { h } from './dom.js';
import { line } from './line.js';
import { t } from './words.js';

/**
 * @param {import('./app.js').App} app
 * @returns {{node: HTMLElement}}
 */
export function myRooms(app) {
  const list = h('ul', { class: 'rooms' });
  const error = line();
  const again = h('button', { class: 'quiet', hidden: true, onclick: () => load() }, t('again'));
  const node = h('section', { class: 'myrooms', hidden: true, 'aria-labelledby': 'myrooms-title' },
    h('h2', { id: 'myrooms-title' }, t('rooms.title')), list, error.node, again);

  const load = async () => {
    error.say('');
    again.hidden = true;
    try {
      const { items } = await app.api.rooms();
      list.replaceChildren(...items.map(entry));
      node.hidden = items.length === 0;
    } catch (problem) {
      node.hidden = false;
      again.hidden = false;
      error.show(problem);
    }
  };
  const entry = ({ roomId, title, members }) => {
    const others = members.filter(({ memberId }) => memberId !== app.api.member?.memberId);
    return h('li', {}, h('a', { href: `#/rooms/${encodeURIComponent(roomId)}` },
      h('strong', {}, title),
      h('span', { dir: 'auto' }, others.map(({ nickname }) => nickname).join(', ') || t('rooms.alone'))));
  };
  void load();
  return { node };
}
