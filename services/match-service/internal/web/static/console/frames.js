// What crossed the wire, on the screen: filtered, paused, copied.

import { h } from '../dom.js';
import { line } from '../line.js';
import { t, when } from '../words.js';
import { field, section, select, tick } from './form.js';
import { header } from './frame.js';
import { fits, MAX, textOf } from './journal.js';

/** @typedef {import('./journal.js').Entry} Entry */

const NEAR = 40; // px from the end that still count as "reading the newest"
const ARROWS = { in: '←', out: '→', note: '·' };

/** @param {{journal: import('./journal.js').Journal}} page */
export function frames({ journal }) {
  const list = h('ol', { class: 'frames', tabindex: '0', 'aria-label': t('console.frames') });
  const text = h('input', { id: 'filter', type: 'search', autocomplete: 'off', oninput: () => all() });
  const direction = select('direction', [['', t('console.both')], ['in', t('console.in')], ['out', t('console.out')]]);
  const beats = h('input', { type: 'checkbox', onchange: () => all() });
  const told = line({ role: 'status' });
  const pause = h('button', { class: 'quiet', 'aria-pressed': 'false', onclick: () => (since === null ? hold() : goOn()) });
  /** @type {number|null} how many came since one paused */
  let since = null;
  direction.addEventListener('change', () => all());

  const filter = () => ({ text: text.value, direction: /** @type {''|'in'|'out'} */ (direction.value), heartbeats: beats.checked });
  const copy = async (/** @type {string} */ what) => {
    try {
      await navigator.clipboard.writeText(what);
      told.say(t('console.copied'));
    } catch (error) {
      console.warn('the clipboard refuses', error);
      told.say(t('console.notCopied'));
    }
  };
  const append = (/** @type {Entry[]} */ entries) => {
    const follow = list.scrollHeight - list.scrollTop - list.clientHeight < NEAR;
    list.append(...entries.filter((entry) => fits(entry, filter())).map((entry) => row(entry, copy)));
    while (list.children.length > MAX) list.firstElementChild?.remove();
    if (follow) list.scrollTop = list.scrollHeight;
  };
  const all = () => {
    list.replaceChildren();
    append(journal.entries);
  };
  const label = () => {
    pause.textContent = since === null ? t('console.pause') : t('console.resumeLog', { n: since });
    pause.setAttribute('aria-pressed', String(since !== null));
  };
  const hold = () => {
    since = 0;
    label();
  };
  const goOn = () => {
    since = null;
    label();
    all();
  };
  const clear = () => {
    journal.clear();
    all();
  };
  label();
  all();

  const shown = () => journal.entries.filter((entry) => fits(entry, filter()));
  const node = section('journal', t('console.frames'),
    h('div', { class: 'thirds' },
      field(t('console.filter'), text), field(t('console.direction'), direction), tick(t('console.beats'), beats)),
    h('div', { class: 'row' }, pause,
      h('button', { class: 'quiet', onclick: clear }, t('console.clear')),
      h('button', { class: 'quiet', onclick: () => copy(shown().map(written).join('\n\n')) }, t('console.copyAll'))),
    told.node, list);
  /** @param {Entry} entry */
  const add = (entry) => {
    if (since === null) return append([entry]);
    since++;
    label();
  };
  return { node, add };
}

/** @param {Entry} entry @param {(text: string) => void} copy */
function row(entry, copy) {
  const { direction, frame, size } = entry;
  const time = h('time', { datetime: entry.at.toISOString() }, clock(entry.at));
  const arrow = h('span', { class: 'arrow', 'aria-hidden': 'true' }, ARROWS[direction]);
  if (direction === 'note') return h('li', { 'data-direction': direction }, time, arrow, h('span', {}, frame.body));
  const text = h('pre', { tabindex: '0' });
  const details = h('details', { ontoggle: () => (text.textContent = details.open ? textOf(frame) : '') },
    h('summary', {}, time, arrow, h('span', { class: 'unseen' }, t(direction === 'in' ? 'console.in' : 'console.out')), ' ',
      h('strong', {}, frame.command || t('console.heartbeat')), ' ',
      h('span', { class: 'to' }, header(frame, 'destination') || header(frame, 'receipt-id') || header(frame, 'message')), ' ',
      h('span', { class: 'hint' }, t('console.octets', { n: size }))),
    text, h('button', { class: 'quiet', onclick: () => copy(textOf(frame)) }, t('console.copy')));
  return h('li', { 'data-direction': direction, 'data-command': frame.command }, details);
}

/** @param {Date} at */
const clock = (at) => when(at, { hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3, hourCycle: 'h23' });

/** An entry in what is copied. @param {Entry} entry */
const written = ({ at, direction, frame }) => `${at.toISOString()} ${ARROWS[direction]}\n${textOf(frame)}`;
