// A room on the screen: who is here, what is said, and how the connection is.

import { h, ask } from './dom.js';
import { line } from './line.js';
import { t } from './words.js';
import './words/chat.js';
import { banner, isOut } from './chat/banner.js';
import { conversation } from './chat/conversation.js';
import { draftOf } from './chat/draft.js';
import { nodes, typingText } from './chat/names.js';
import { seating } from './chat/seating.js';
import { switcher } from './chat/switcher.js';

/**
 * @param {import('./app.js').App} app
 * @param {import('./sixseat.js').Sixseat} sixseat
 * @param {string} roomId
 * @returns {import('./app.js').Screen}
 */
export function chat(app, sixseat, roomId) {
  const me = app.api.member?.memberId ?? '';
  const draft = draftOf(me, roomId);
  const heading = h('h1', { tabindex: '-1' }, '…');
  const seats = seating(me);
  const rooms = switcher(app, roomId);
  const notice = line();
  const leaving = h('button', { class: 'quiet', onclick: () => leave() }, t('chat.leave'));
  const typing = h('p', { class: 'typing', 'data-typing': '' });
  const connection = banner({ tryNow: () => room.wake(), tryAgain: () => room.open(), goAway: () => app.go('#/films') });
  const talk = conversation({
    me, draft, room: () => room,
    // A picture may be there only when one looks at something else, or is somebody else.
    send: (text, imageId) => app.api.member?.memberId === me && void sixseat.send(roomId, text, imageId),
    failed: (problem) => notice.show(problem),
    missed: (n) => retitle(n),
    lostFocus: () => focus.focus(),
    picture: (imageId) => app.api.picture(roomId, imageId),
  });
  const { log, write } = talk;
  // On a phone the focus would open the keyboard over the conversation.
  const focus = matchMedia('(pointer: fine)').matches ? write.input : heading;

  /** @param {number} [missed] messages while nobody looked */
  const retitle = (missed = 0) => {
    const title = heading.textContent ?? '';
    app.setTitle(missed > 0 ? t('chat.titleUnread', { n: missed, title }) : title);
  };
  const room = sixseat.room(roomId, {
    ...talk.on,
    details({ title }) {
      if (heading.textContent === title) return; // the window's title may count what is missed
      heading.textContent = title;
      retitle();
    },
    people(people) {
      seats.show(people.all);
      talk.people(people.all);
      typing.replaceChildren(...nodes(typingText(people.typing.filter((id) => id !== me).map((id) => people.get(id)?.nickname ?? ''))));
    },
    status(status) {
      if (status.state === 'open') log.ready();
      const focused = document.activeElement;
      write.enable(status.state !== 'stopped');
      leaving.hidden = write.node.hidden = isOut(status);
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
      draft.clear();
      app.tell(t('chat.youLeft'));
      app.go('#/films');
    } catch (problem) {
      notice.show(problem);
    }
  };

  const middle = h('div', { class: 'conversation' },
    h('div', { class: 'chathead' }, heading, rooms.button, leaving, seats.node),
    connection.node, log.node,
    h('div', { class: 'under' }, log.jump, typing), notice.node, write.node, talk.announcer);
  write.takeDropsOn(middle);
  const node = h('section', { class: 'chat' }, rooms.nav, middle);
  const close = () => [rooms, talk, connection, room].forEach((part) => part.close());
  return { node, title: t('chat.window'), focus, close };
}
