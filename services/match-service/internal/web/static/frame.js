// What stands around every screen: header, banner, and a line for what belongs to no screen.

import { h } from './dom.js';
import { t } from './words.js';

const TOLD = 12_000; // ms; long enough to be read slowly

/** @param {string} id of an element of index.html */
export const find = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @type {ReturnType<typeof setTimeout>|undefined} */
let telling;

/** Something to tell that belongs to no field. @param {string} text @returns {() => void} takes it back, if it is still there */
export function tell(text) {
  clearTimeout(telling);
  find('told').textContent = text;
  const mine = telling = setTimeout(() => (find('told').textContent = ''), TOLD);
  return () => telling === mine && tell('');
}

/** The words of the header. @param {import('./sixseat.js').Member|null} member */
export function label(member) {
  find('films').textContent = t('app.films');
  find('films').hidden = !member;
  find('me').textContent = member?.nickname ?? '';
  find('settings-label').textContent = t('app.settings');
}

/** @param {string} text */
export function setTitle(text) {
  document.title = `${text} · Sixseat`;
}

/** @param {import('./banner.js').Banner|null} banner */
export function showBanner(banner) {
  const text = banner ? t(banner.key, banner.values) : '';
  if (find('banner').textContent === text) return; // the same again is not announced again
  find('banner').replaceChildren(...(banner ? [h('a', { href: banner.href }, text)] : []));
}
