// What screen readers say of themselves: new messages of others, and never the history.

import { h } from '../dom.js';
import { t } from '../words.js';
import { eventText, plain } from './names.js';

const TOGETHER = 500; // ms; what comes that close together is one announcement
const EACH = 3; // messages that are read out; of more only the number
const LENGTH = 200; // characters of one

/** @typedef {import('../sixseat.js').Message} Message */

/**
 * @param {Message[]} messages of others, in order
 * @returns {string}
 */
export function announcement(messages) {
  if (messages.length > EACH) return t('chat.announceMany', { n: messages.length });
  return messages.map((message) => {
    if (message.type === 'ENTER' || message.type === 'LEAVE') return plain(eventText(message));
    const text = message.type === 'IMAGE' ? `${t('chat.picture')} ${message.comment}`.trim() : message.comment;
    const letters = [...text];
    return `${message.createdBy}: ${letters.length > LENGTH ? `${letters.slice(0, LENGTH).join('')}…` : text}`;
  }).join('\n');
}

export function announcer() {
  const node = h('div', { class: 'unseen', role: 'status', 'aria-live': 'polite', 'data-announcer': '' });
  /** @type {Message[]} */
  let waiting = [];
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let timer;
  const flush = () => {
    node.textContent = announcement(waiting);
    waiting = [];
    timer = undefined;
  };
  return {
    node,
    /** @param {Message[]} messages */
    announce(messages) {
      waiting.push(...messages);
      if (waiting.length > 0) timer ??= setTimeout(flush, TOGETHER);
    },
    close: () => clearTimeout(timer),
  };
}
