// A room on the screen: who is here, what is said, and how the connection is.

import { h, ask } from './dom.js';
import { line } from './line.js';
import { t } from './words.js';
import { announcer } from './chat/announcer.js';
import { banner } from './chat/banner.js';
import { composer } from './chat/composer.js';
import { scrollingLog } from './chat/log.js';
import { Messages } from './chat/messages.js';
import { nodes, typingText } from './chat/names.js';
import { seating } from './chat/seating.js';
import { switcher } from './chat/switcher.js';
import { Unread } from './chat/unread.js';

/**
 * @param {import('./app.js').App} app
 * @param {string} roomId
 * @returns {import('./app.js').Screen}
 */
export function chat(app, roomId) {
  const me = app.api.member?.memberId ?? '';
  const heading = h('h1', { tabindex: '-1' }, '…');
  const seats = seating(me);
  const rooms = switcher(app, roomId);
  const notice = line();
  const typing = h('p', { class: 'typing', 'data-typing': '' });
  const announce = announcer();
  const unread = new Unread(me);
  const messages = new Messages(me, {
    retry: (key) => room.retry(key), discard: (key) => room.discard(key), lostFocus: () => focus.focus(),
  });
  const log = scrollingLog({
    content: messages.nodes,
    older: () => room.loadOlder().then(() => true, (/** @type {unknown} */ problem) => {
      notice.show(problem);
      return false;
    }),
    onSeen: () => seen(),
  });
  const connection = banner({ tryNow: () => room.wake(), tryAgain: () => room.open() });
  const write = composer({
    roomId,
    send(text) {
      void room.send(text);
      unread.answered();
      messages.unreadFrom(0);
      log.toEnd();
    },
    typing: () => room.typing(),
  });
  // On a phone the focus would open the keyboard over the conversation.
  const focus = matchMedia('(pointer: fine)').matches ? write.input : heading;
  let entered = false; // history is here: what comes now is news

  let missed = 0; // messages that came while the window was hidden

  const retitle = () => {
    const title = heading.textContent ?? '';
    app.setTitle(missed > 0 ? t('chat.titleUnread', { n: missed, title }) : title);
  };
  /** What is on the screen is read. */
  const seen = () => {
    if (document.hidden || !entered) return;
    if (missed > 0) {
      missed = 0;
      retitle();
    }
    const seq = log.following ? room.lastSeq : messages.lastAbove(log.bottom);
    if (unread.saw(seq)) room.read(seq);
  };
  /** @param {import('./sixseat.js').Message[]} newest */
  const open = (newest) => {
    entered = true;
    unread.opened(room.people.get(me)?.lastReadSeq ?? 0, newest);
    messages.append(newest);
    messages.unreadFrom(unread.from);
    log.hasOlder(room.hasOlder);
    if (messages.divider) log.show(messages.divider);
    else log.toEnd();
  };
  /** @param {import('./sixseat.js').Message[]} news */
  const add = (news) => {
    const ofOthers = news.filter(({ memberId }) => memberId !== me);
    ofOthers.forEach((message) => unread.arrived(message, log.following && !document.hidden));
    const count = ofOthers.filter((message) => unread.counts(message)).length;
    log.grow(() => {
      messages.append(news);
      messages.unreadFrom(unread.from);
    }, count);
    if (document.hidden && count > 0) {
      missed += count;
      retitle();
    }
    announce.announce(ofOthers);
  };
  /** @param {import('./sixseat.js').Message[]} older */
  const before = (older) => {
    unread.older(older);
    log.keep(() => {
      messages.prepend(older);
      messages.unreadFrom(unread.from);
      log.hasOlder(room.hasOlder);
    });
  };
  const room = app.sixseat.room(roomId, {
    messages(some, where) {
      if (where === 'start') before(some);
      else if (entered) add(some);
      else open(some);
      seen();
    },
    trimmed(firstSeq) {
      log.keep(() => {
        messages.trim(firstSeq);
        messages.unreadFrom(unread.from);
        log.hasOlder(true);
      });
    },
    pending: (items) => log.grow(() => messages.pending(items)),
    details({ title }) {
      heading.textContent = title;
      retitle();
    },
    people(people) {
      seats.show(people.all);
      log.grow(() => messages.people(people.all));
      typing.replaceChildren(...nodes(typingText(people.typing.filter((id) => id !== me).map((id) => people.get(id)?.nickname ?? ''))));
    },
    status(status) {
      if (status.state === 'open') log.ready();
      const focused = document.activeElement;
      write.enable(status.state !== 'stopped');
      connection.show(status);
      if (focused === write.input && status.state === 'stopped') connection.focus();
      if (connection.node.contains(focused) && connection.node.hidden) focus.focus();
    },
    notice: (problem) => notice.show(problem),
  });

  const leave = async () => {
    if (!(await ask(t('chat.leaveQuestion'), t('chat.leaveYes')))) return;
    try {
      await room.leave();
      app.tell(t('chat.youLeft'));
      app.go('#/films');
    } catch (problem) {
      notice.show(problem);
    }
  };
  document.addEventListener('visibilitychange', seen);

  const node = h('section', { class: 'chat' },
    rooms.nav,
    h('div', { class: 'conversation' },
      h('div', { class: 'chathead' }, heading, rooms.button, h('button', { class: 'quiet', onclick: leave }, t('chat.leave')), seats.node),
      connection.node, log.node,
      h('div', { class: 'under' }, log.jump, typing), notice.node, write.node, announce.node));
  const close = () => {
    document.removeEventListener('visibilitychange', seen);
    [rooms, log, connection, announce, room].forEach((part) => part.close());
  };
  return { node, title: t('chat.window'), focus, close };
}
