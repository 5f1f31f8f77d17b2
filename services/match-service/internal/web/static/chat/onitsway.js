// One's own messages that the room does not show yet.

import { h } from '../dom.js';
import { pendingEntry } from './entry.js';

/** @typedef {import('../sixseat.js').Pending} Pending */

/** @param {{retry: (key: string) => void, discard: (key: string) => void, lostFocus: () => void}} on lostFocus: what had it is gone */
export function onTheirWay(on) {
  const node = h('ol', { class: 'messages pending' });
  /** @type {Map<string, {item: string, node: HTMLElement}>} entries by key; item: what is shown */
  let shown = new Map();
  /** @param {Pending[]} items */
  const show = (items) => {
    const focused = node.contains(document.activeElement);
    const before = shown;
    // What has not changed stays as it is, so that a failure is read out once.
    shown = new Map(items.map((pending) => {
      const item = `${pending.state} ${pending.problem?.message ?? ''}`;
      const known = before.get(pending.key);
      return [pending.key, known?.item === item ? known : { item, node: pendingEntry(pending, on) }];
    }));
    before.forEach((entry, key) => shown.get(key)?.node !== entry.node && entry.node.remove());
    [...shown.values()].forEach((entry, i) => node.children[i] !== entry.node && node.insertBefore(entry.node, node.children[i] ?? null));
    if (focused && !node.contains(document.activeElement)) on.lostFocus();
  };
  return { node, show };
}
