// One's rooms, with what is unread in each: a column beside the room, on a phone behind a button.

import { h } from '../dom.js';
import { t } from '../words.js';
import { listed, nodes } from './names.js';

const EVERY = 30_000; // ms between two looks, while the page is seen and there is another room to look at
const GAP = 6; // px between the button and the list, for the button's outline
const MAX = 30; // rooms in the list; the lobby has all

/**
 * @param {import('../app.js').App} app
 * @param {string} current room id
 */
export function switcher(app, current) {
  const list = h('ul', {});
  const nav = h('nav', { class: 'switcher', id: 'switcher', 'aria-label': t('rooms.title'), hidden: true }, list);
  const button = h('button', { class: 'quiet switch', 'aria-controls': 'switcher', 'aria-expanded': 'false', hidden: true, onclick: () => toggle() });
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let timer;
  let closed = false;
  let several = false;

  const toggle = (open = button.getAttribute('aria-expanded') !== 'true') => {
    button.setAttribute('aria-expanded', String(open));
    nav.toggleAttribute('data-open', open);
    nav.style.top = `${Math.ceil(button.getBoundingClientRect().bottom) + GAP}px`; // on a phone it hangs there
    if (open) list.querySelector('a')?.focus();
  };
  const shut = () => {
    if (button.getAttribute('aria-expanded') !== 'true') return;
    toggle(false);
    button.focus();
  };
  nav.addEventListener('click', shut); // another room takes the focus in a moment; this one is what one wanted to see
  /** Who turns to something else is done with the list. @param {Event} event */
  const elsewhere = ({ target }) => {
    if (![nav, button].some((part) => part.contains(/** @type {Node} */ (target)))) toggle(false);
  };
  const around = {
    pointerdown: elsewhere, focusin: elsewhere,
    keydown: (/** @type {any} */ { key }) => key === 'Escape' && shut(),
  };
  Object.entries(around).forEach(([type, listener]) => document.addEventListener(type, listener));

  const look = async () => {
    clearTimeout(timer);
    if (document.hidden || closed) return;
    try {
      const { items } = await app.api.rooms();
      if (!closed) show(items);
    } catch (problem) {
      console.warn('the other rooms stay as they were', problem); // the next look is seconds away
    }
    if (!closed && several) timer = setTimeout(look, EVERY);
  };
  /** @param {import('../sixseat.js').RoomItem[]} items */
  const show = (items) => {
    const focused = document.activeElement?.getAttribute('href');
    const others = items.filter(({ roomId }) => roomId !== current);
    const unread = others.reduce((sum, room) => sum + room.unread, 0);
    list.replaceChildren(...items.slice(0, MAX).map((room) => entry(room, app.api.member?.memberId)));
    if (focused) [...list.querySelectorAll('a')].find((link) => link.getAttribute('href') === focused)?.focus();
    several = others.length > 0;
    nav.hidden = button.hidden = !several;
    button.replaceChildren(t('rooms.title'), ...badge(unread));
  };
  /** @param {import('../sixseat.js').RoomItem} room @param {string} [me] */
  const entry = ({ roomId, title, members, unread }, me) => {
    const here = roomId === current;
    const names = members.filter(({ memberId }) => memberId !== me).map(({ nickname }) => nickname);
    return h('li', {}, h('a', { href: `#/rooms/${encodeURIComponent(roomId)}`, 'aria-current': here ? 'page' : null, 'data-room': roomId },
      h('strong', {}, title), ...badge(here ? 0 : unread),
      h('span', { class: 'names' }, ...(names.length > 0 ? nodes(listed(names)) : [t('rooms.alone')]))));
  };
  document.addEventListener('visibilitychange', look);
  void look();
  const close = () => {
    closed = true;
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', look);
    Object.entries(around).forEach(([type, listener]) => document.removeEventListener(type, listener));
  };
  return { nav, button, close };
}

/** @param {number} n unread messages */
function badge(n) {
  if (n === 0) return [];
  return [' ', h('span', { class: 'badge', 'data-unread': n, 'aria-hidden': 'true' }, n > 99 ? '99+' : String(n)),
    h('span', { class: 'unseen' }, t('rooms.unread', { n }))];
}
