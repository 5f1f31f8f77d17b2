// The STOMP console: one socket, everything about it on one screen.

import './words.js';
import { h } from '../dom.js';
import { openMenu } from '../menu.js';
import { applySettings, onChoice } from '../settings.js';
import { t } from '../words.js';
import { connection } from './connection.js';
import { editor } from './editor.js';
import { frames } from './frames.js';
import { Journal } from './journal.js';
import { Subscriptions, subscriptionList } from './subscriptions.js';
import { Wire } from './wire.js';

const journal = new Journal();
const wire = new Wire(`${location.origin.replace(/^http/, 'ws')}/chat/ws`, {
  frame(direction, frame, size) {
    if (direction === 'in' && subscriptions.received(frame)) view.subscriptions.show();
    view.frames.add(journal.add(direction, frame, size));
  },
  state(state) {
    if (state === 'closed') subscriptions.closed();
    for (const part of [view.connection, view.subscriptions, view.editor]) part.show();
  },
  closed: (code, reason) => note(t('console.closed', { code: String(code), reason })),
  silent: (ms) => note(t('console.silent', { n: ms })),
});
const subscriptions = new Subscriptions(wire);
const draft = { token: '' };

/** What the socket itself has to say. @param {string} text */
function note(text) {
  view.frames.add(journal.add('note', { command: '', headers: [], body: text }, 0));
}

/** In the language of now. */
function draw() {
  document.title = `${t('console.title')} · Sixseat`;
  find('docs').textContent = t('console.docs');
  find('settings').textContent = t('app.settings');
  const parts = {
    connection: connection({ wire, draft }), subscriptions: subscriptionList({ wire, subscriptions }),
    editor: editor({ wire }), frames: frames({ journal }),
  };
  find('screen').replaceChildren(
    h('h1', { tabindex: '-1' }, t('console.title')),
    h('div', { class: 'tools' }, parts.connection.node, parts.subscriptions.node, parts.editor.node),
    parts.frames.node);
  return parts;
}

/** @param {string} id */
const find = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

applySettings();
let view = draw();
onChoice((name) => {
  if (name === 'language') view = draw();
});
find('settings').addEventListener('click', () => openMenu());
