// A room on the screen: who is here, what is said, and how the connection is.

import { h, ask } from './dom.js';
import { line } from './line.js';
import { readable } from './readable.js';
import { seatRow } from './seats.js';
import { messageList } from './messages.js';
import { composer } from './composer.js';

/**
 * @param {import('./app.js').App} app
 * @param {string} roomId
 * @returns {import('./app.js').Screen}
 */
export function chat(app, roomId) {
  const me = app.api.member.memberId;
  const heading = h('h1', { tabindex: '-1' }, '…');
  const seats = seatRow('Who is in this room');
  const connection = connectionLine(() => room.open());
  const notice = line();
  const write = composer((text) => {
    void room.send(text);
    list.toEnd();
  });
  const list = messageList({
    me,
    older: () => room.loadOlder().catch((problem) => notice.show(problem)),
    retry: (key) => room.retry(key),
    discard: (key) => room.discard(key),
  });
  const room = app.sixseat.room(roomId, {
    messages(messages, where) {
      list.add(messages, where);
      list.hasOlder(room.hasOlder);
    },
    trimmed(firstSeq) {
      list.trim(firstSeq);
      list.hasOlder(true);
    },
    pending: (items) => list.pending(items),
    details({ title }) {
      heading.textContent = title;
      app.setTitle(title);
    },
    people(people) {
      list.seats((memberId) => people.get(memberId)?.seat ?? 0);
      seats.fill(people.all.map(({ memberId, nickname, inside }) => ({ nickname, me: memberId === me, away: !inside })));
    },
    status(status) {
      if (status.state === 'open') list.ready();
      write.enable(status.state !== 'stopped');
      connection.show(status);
    },
    notice: (problem) => notice.show(problem),
  });

  const leave = async () => {
    if (!(await ask('Leave this room for good? You cannot come back into it.', 'Leave the room'))) return;
    try {
      await room.leave();
      app.tell('You left the room.');
      app.go('#/films');
    } catch (problem) {
      notice.show(problem);
    }
  };
  const node = h('section', { class: 'chat' },
    h('div', { class: 'chathead' },
      heading, h('button', { class: 'quiet', onclick: leave }, 'Leave'), seats.node),
    connection.node, ...list.nodes, notice.node, write.node);
  const close = () => {
    list.close();
    room.close();
  };
  // On a phone the focus would open the keyboard over the conversation.
  const focus = matchMedia('(pointer: fine)').matches ? write.input : heading;
  return { node, title: 'Room', focus, close };
}

/** How the connection is, once it is not well for longer than a blink (see .connection in chat.css). */
function connectionLine(again) {
  const text = line({ role: 'status' });
  const button = h('button', { class: 'quiet', onclick: again }, 'Try again');
  const node = h('div', { class: 'connection', hidden: true }, text.node, button);
  const show = ({ state, problem }) => {
    node.hidden = state === 'open';
    node.classList.toggle('stopped', state === 'stopped');
    button.hidden = state !== 'stopped';
    text.say({ open: '', stopped: problem && readable(problem) }[state] ?? 'Connecting… What you write is kept and sent then.');
  };
  return { node, show };
}
