import { after, before, it } from 'node:test';
import assert from 'node:assert/strict';
import '../static/words/chat.js';
import { Messages } from '../static/chat/messages.js';

/** As much of an element as the conversation needs. */
class FakeElement {
  children = [];
  attributes = {};
  parent = null;
  listeners = {};

  constructor(tag) {
    this.tag = tag;
  }

  get isConnected() {
    return this.parent !== null;
  }

  get textContent() {
    return this.children.map((child) => child.textContent ?? child).join('');
  }

  setAttribute(name, value) {
    this.attributes[name] = String(value);
  }

  addEventListener(name, listener) {
    this.listeners[name] = listener;
  }

  append(...nodes) {
    this.#insert(this.children.length, nodes);
  }

  prepend(...nodes) {
    this.#insert(0, nodes);
  }

  before(...nodes) {
    nodes.forEach((node) => node.remove?.());
    this.parent.#insert(this.parent.children.indexOf(this), nodes);
  }

  replaceWith(...nodes) {
    this.before(...nodes);
    this.remove();
  }

  replaceChildren(...nodes) {
    this.children = [];
    this.append(...nodes);
  }

  remove() {
    this.parent?.children.splice(this.parent.children.indexOf(this), 1);
    this.parent = null;
  }

  querySelector(selector) {
    assert.equal(selector, '.mark');
    for (const child of this.children) {
      const found = child.attributes?.class === 'mark' ? child : child.querySelector?.(selector);
      if (found) return found;
    }
    return null;
  }

  querySelectorAll() {
    return []; // no name of a day changes here
  }

  #insert(at, nodes) {
    nodes.forEach((node) => Object.assign(Object(node), { parent: this }));
    this.children.splice(at, 0, ...nodes);
  }
}

before(() => {
  globalThis.document = /** @type {any} */ ({ createElement: (tag) => new FakeElement(tag) });
});
after(() => delete globalThis.document);

const noPicture = () => assert.fail('there is no picture');

it('shows a picture with its caption, which is also what it is called', () => {
  const asked = /** @type {any[]} */ ([]);
  const messages = new Messages('me', (...given) => (asked.push(given), /** @type {any} */ (new FakeElement('button'))));
  const image = { imageId: 'i1', contentType: 'image/png', bytes: 7, width: 4, height: 3 };
  const common = { type: 'IMAGE', memberId: 'you', createdBy: 'Kim', createdAt: '2026-11-28T12:00:00Z', image };

  messages.append(/** @type {any[]} */ ([{ ...common, seq: 1, comment: 'the sea' }, { ...common, seq: 2, comment: '' }]));

  assert.deepEqual(asked, [[image, 'the sea'], [image, 'Picture from Kim']]);
  const said = /** @type {any} */ (messages.node).children.slice(1).map(({ children }) => children[1].children.map((child) => child.tag ?? child));
  assert.deepEqual(said, [['button', 'the sea'], ['button']]);
});

it('begins with its day and its author also after older messages were let go', () => {
  const message = (seq) => ({ seq, type: 'TEXT', comment: `m${seq}`, memberId: 'you', createdBy: 'Kim', createdAt: '2026-11-28T12:00:00Z' });
  const messages = new Messages('me', noPicture);
  const list = /** @type {any} */ (messages.node);
  messages.append(/** @type {any[]} */ ([1, 2, 3, 4].map(message)));
  messages.unreadFrom(3);
  const shown = () => list.children.map(({ attributes }) => attributes.class);
  assert.deepEqual(shown(), ['day', 'message', 'message follows', 'divider', 'message follows', 'message follows']);

  messages.trim(3);
  messages.unreadFrom(3);

  assert.deepEqual(shown(), ['day', 'divider', 'message', 'message follows']);
  assert.equal(list.children[2].children[0].attributes.class, 'author');
});
