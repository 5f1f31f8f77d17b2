// What is subscribed, and up to which seq it was seen.

import { h } from '../dom.js';
import { t } from '../words.js';
import { field, section } from './form.js';
import { header } from './frame.js';

/** @typedef {{id: string, destination: string, seq: number|null, live: boolean}} Subscription */

/** The subscriptions of this page, whatever language shows them. */
export class Subscriptions {
  /** @type {Subscription[]} */
  all = [];
  #made = 0;
  #wire;

  /** @param {import('./wire.js').Wire} wire */
  constructor(wire) {
    this.#wire = wire;
  }

  /** @param {string} destination @param {string} lastSeq '' sends no such header */
  add(destination, lastSeq) {
    const id = `sub-${++this.#made}`;
    this.all.push({ id, destination, seq: null, live: true });
    this.#subscribe(id, destination, lastSeq);
  }

  /** @param {Subscription} subscription */
  end(subscription) {
    if (subscription.live) this.#wire.send({ command: 'UNSUBSCRIBE', headers: [['id', subscription.id]], body: '' });
    this.all = this.all.filter((other) => other !== subscription);
  }

  /** After a reconnect, from where it was left. @param {Subscription} subscription */
  resume(subscription) {
    subscription.live = true;
    this.#subscribe(subscription.id, subscription.destination, subscription.seq === null ? '' : String(subscription.seq));
  }

  /** @param {import('./frame.js').Frame} frame @returns {boolean} whether something to be shown has changed */
  received(frame) {
    const seq = Number(header(frame, 'seq'));
    const subscription = this.all.find(({ id }) => id === header(frame, 'subscription'));
    if (frame.command !== 'MESSAGE' || !subscription || !seq) return false;
    subscription.seq = seq;
    return true;
  }

  closed() {
    for (const subscription of this.all) subscription.live = false;
  }

  /** @param {string} id @param {string} destination @param {string} lastSeq */
  #subscribe(id, destination, lastSeq) {
    /** @type {import('./frame.js').Header[]} */
    const resume = lastSeq === '' ? [] : [['last-seq', lastSeq]];
    this.#wire.send({ command: 'SUBSCRIBE', headers: [['id', id], ['destination', destination], ['receipt', id], ...resume], body: '' });
  }
}

/** @param {{wire: import('./wire.js').Wire, subscriptions: Subscriptions}} page */
export function subscriptionList({ wire, subscriptions }) {
  const destination = h('input', { id: 'destination', required: true, spellcheck: 'false', autocomplete: 'off', placeholder: '/topic/…', value: '/user/queue/errors' });
  const lastSeq = h('input', { id: 'last-seq', inputmode: 'numeric', autocomplete: 'off', placeholder: '0' });
  const list = h('ul', { class: 'subscribed' });
  const none = h('p', { class: 'hint' }, t('console.noSubscriptions'));
  const subscribe = h('button', { class: 'primary' }, t('console.subscribe'));

  const submit = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    subscriptions.add(destination.value.trim(), lastSeq.value.trim());
    show();
  };
  const entry = (/** @type {Subscription} */ subscription) => {
    const { id, destination: to, seq, live } = subscription;
    const change = (/** @type {() => void} */ act) => () => {
      act();
      show();
    };
    return h('li', { 'data-subscription': id },
      h('code', {}, to), h('span', { class: 'hint' }, `${id}${seq === null ? '' : ` · ${t('console.seq', { n: seq })}`}`),
      live ? null : h('button', { class: 'quiet', disabled: wire.state !== 'connected', onclick: change(() => subscriptions.resume(subscription)) }, t('console.resume')),
      h('button', { class: 'quiet', 'aria-label': `${t('console.unsubscribe')} ${id}`, onclick: change(() => subscriptions.end(subscription)) }, t('console.unsubscribe')));
  };
  const show = () => {
    subscribe.disabled = wire.state !== 'connected';
    none.hidden = subscriptions.all.length > 0;
    list.replaceChildren(...subscriptions.all.map(entry));
  };
  show();

  const node = section('subscriptions', t('console.subscriptions'),
    h('form', { onsubmit: submit },
      field(t('console.destination'), destination), field(t('console.lastSeq'), lastSeq), subscribe),
    none, list);
  return { node, show };
}
