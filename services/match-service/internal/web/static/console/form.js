// Parts of forms: a label with its control.

import { h } from '../dom.js';

/** @param {string} label @param {HTMLElement} control has an id */
export const field = (label, control) => h('div', { class: 'field' }, h('label', { for: control.id }, label), control);

/** @param {string} label @param {HTMLInputElement} box */
export const tick = (label, box) => h('label', { class: 'tick' }, box, h('span', {}, label));

/** @param {string} id @param {[value: string, label: string][]} choices */
export const select = (id, choices) => h('select', { id }, ...choices.map(([value, label]) => h('option', { value }, label)));

/** @param {string} id @param {string} title @param {(Node|null)[]} parts */
export const section = (id, title, ...parts) => h('section', { class: id, 'aria-labelledby': `${id}-title` }, h('h2', { id: `${id}-title` }, title), ...parts);
