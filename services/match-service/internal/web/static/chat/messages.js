// What the room has said: messages by seq with their days, the line where unread ones begin,
// and the marks under one's own.

import { h } from '../dom.js';
import { t } from '../words.js';
import { beginsDay, dayName } from './days.js';
import { dayEntry, messageEntry } from './entry.js';
import { mark } from './marks.js';

/** @typedef {import('../sixseat.js').Message} Message */
/** @typedef {{message: Message, nodes: HTMLElement[], mark: HTMLElement|null}} Item nodes: a day perhaps, then the message */

export class Messages {
  /** @type {Item[]} ascending by seq */
  #items = [];
  #me;
  #picture;
  /** @type {import('../sixseat.js').Person[]} */
  #people = [];
  #list = h('ol', { class: 'messages' });
  #divider = h('li', { class: 'divider', 'data-divider': '' }, h('span', {}, t('chat.unread')));
  node = this.#list;

  /**
   * @param {string} me member id
   * @param {import('./entry.js').Show} picture
   */
  constructor(me, picture) {
    this.#me = me;
    this.#picture = picture;
  }

  /** @returns {HTMLElement|null} the line where unread messages begin, if it is shown */
  get divider() {
    return this.#divider.isConnected ? this.#divider : null;
  }

  /** @param {Message[]} messages */
  append(messages) {
    for (const message of messages) {
      const item = this.#render(message, this.#items.at(-1)?.message);
      this.#items.push(item);
      this.#list.append(...item.nodes);
    }
    if (messages.some(({ createdAt }, i) => beginsDay(createdAt, messages[i - 1]?.createdAt))) this.#renameDays();
    this.#marks();
  }

  /** @param {Message[]} messages older than all */
  prepend(messages) {
    const items = messages.map((message, i) => this.#render(message, messages[i - 1]));
    this.#list.prepend(...items.flatMap(({ nodes }) => nodes));
    const [seam] = this.#items; // it had no message before it
    this.#items.unshift(...items);
    if (seam) this.#follows(seam, messages.at(-1));
    this.#marks();
  }

  /** @param {number} firstSeq */
  trim(firstSeq) {
    const kept = this.#items.findIndex(({ message }) => message.seq >= firstSeq);
    if (kept <= 0) return;
    this.#items.splice(0, kept).forEach(({ nodes }) => nodes.forEach((node) => node.remove()));
    this.#follows(this.#items[0]);
    this.#marks();
  }

  /** @param {number} seq where unread messages begin; 0: nowhere */
  unreadFrom(seq) {
    const item = seq ? this.#items.find(({ message }) => message.seq >= seq) : undefined;
    if (item) item.nodes.at(-1)?.before(this.#divider);
    else this.#divider.remove();
  }

  /** @param {import('../sixseat.js').Person[]} people names get their seat's colour, messages their readers */
  people(people) {
    const before = seating(this.#people);
    this.#people = people;
    if (seating(people) !== before) this.#items.forEach(({ message, nodes }) => nodes.at(-1)?.setAttribute('data-seat', String(this.#seatOf(message))));
    this.#marks();
  }

  /** @param {number} bottom px from the top of the list's scroller @returns {number} seq of the last message that ends above it */
  lastAbove(bottom) {
    const last = this.#items.findLast(({ nodes }) => {
      const node = /** @type {HTMLElement} */ (nodes.at(-1));
      return node.offsetTop + node.offsetHeight <= bottom;
    });
    return last?.message.seq ?? 0;
  }

  /** @param {Message} message @param {Message} [before] @returns {Item} */
  #render(message, before) {
    const newDay = beginsDay(message.createdAt, before?.createdAt);
    const own = message.memberId === this.#me;
    const node = messageEntry(message, { own, seat: this.#seatOf(message), before: newDay ? undefined : before, picture: this.#picture });
    return { message, nodes: newDay ? [dayEntry(message.createdAt), node] : [node], mark: node.querySelector('.mark') };
  }

  /** Renders an item anew, as another message stands before it now, or none. @param {Item} item @param {Message} [before] */
  #follows(item, before) {
    const again = this.#render(item.message, before);
    const [first, ...rest] = item.nodes;
    first.replaceWith(...again.nodes);
    rest.forEach((node) => node.remove());
    Object.assign(item, again);
  }

  /** @param {Message} message */
  #seatOf({ memberId }) {
    return this.#people.find((person) => person.memberId === memberId)?.seat ?? 0;
  }

  #marks() {
    mark(this.#items, this.#people.filter(({ memberId, inside }) => inside && memberId !== this.#me));
  }

  /** What was today is yesterday now. */
  #renameDays() {
    for (const node of this.#list.querySelectorAll('[data-day] span')) {
      node.textContent = dayName(node.parentElement?.getAttribute('data-day') ?? '');
    }
  }
}

/** Who holds which seat. @param {import('../sixseat.js').Person[]} people */
const seating = (people) => people.map(({ seat, memberId }) => `${seat} ${memberId}`).join();
