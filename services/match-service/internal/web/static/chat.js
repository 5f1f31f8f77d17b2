// A room on the screen: who is here, what is said, and how the connection is.

import { h, ask } from './dom.js';
import { line } from './line.js';
import { readable } from './readable.js';
import { Room } from './sixseat.js';
import { seatRow } from './seats.js';
import { messageList } from './messages.js';
import { composer } from './composer.js';
import { Client } from './vendor/stompjs/client.js';

/**
 * @param {import('./app.js').App} app
 * @param {string} roomId
 * @returns {import('./app.js').Screen}
 */
export function chat(app, roomId) {
  const me = app.api.member.memberId;
  const people = new People(me);
  const connection = connectionLine(() => room.open());
  const notice = line();
  const write = composer((text) => {
    room.send(text);
    list.toEnd();
  });
  const list = messageList({
    me,
    older: () => room.loadOlder().catch((problem) => notice.show(problem)),
    retry: (key) => room.retry(key),
    discard: (key) => room.discard(key),
  });
  const room = new Room({
    roomId,
    memberId: me,
    url: `${location.origin.replace(/^http/, 'ws')}/chat/ws`,
    Client,
    token: (than) => app.api.token(than),
    history: (page) => app.api.messages(roomId, page),
    on: {
      messages(messages, where) {
        list.add(messages, where);
        list.hasOlder(room.hasOlder);
        if (where === 'end') people.heard(messages);
      },
      trimmed(firstSeq) {
        list.trim(firstSeq);
        list.hasOlder(true);
      },
      pending: (items) => list.pending(items),
      status(status) {
        if (status.state === 'open') list.ready();
        write.enable(status.state !== 'stopped');
        connection.show(status);
      },
      notice: (text) => notice.say(text),
    },
  });

  const leave = async () => {
    if (!(await ask('Leave this room for good? You cannot come back into it.', 'Leave the room'))) return;
    try {
      await app.api.leaveRoom(roomId);
      app.tell('You left the room.');
      app.go('#/films');
    } catch (problem) {
      notice.show(problem);
    }
  };
  const title = h('h1', { tabindex: '-1' }, '…');
  let closed = false;
  const describe = async () => {
    try {
      const details = await app.api.room(roomId);
      if (closed) return;
      title.textContent = details.title;
      app.setTitle(details.title);
      list.seats(people.know(details));
    } catch (problem) {
      notice.say(`Who is here cannot be shown. ${readable(problem)}`);
    }
  };
  const wake = () => room.wake();
  window.addEventListener('online', wake);
  document.addEventListener('visibilitychange', wake);

  void describe();
  room.open();
  const node = h('section', { class: 'chat' },
    h('div', { class: 'chathead' },
      title, h('button', { class: 'quiet', onclick: leave }, 'Leave'), people.node),
    connection.node, ...list.nodes, notice.node, write.node);
  const close = () => {
    closed = true;
    window.removeEventListener('online', wake);
    document.removeEventListener('visibilitychange', wake);
    list.close();
    room.close();
  };
  // On a phone the focus would open the keyboard over the conversation.
  const focus = matchMedia('(pointer: fine)').matches ? write.input : title;
  return { node, title: 'Room', focus, close };
}

/** How the connection is, once it is not well for longer than a blink (see .connection in chat.css). */
function connectionLine(again) {
  const text = line({ role: 'status' });
  const button = h('button', { class: 'quiet', onclick: again }, 'Try again');
  const node = h('div', { class: 'connection', hidden: true }, text.node, button);
  const show = ({ state, why }) => {
    node.hidden = state === 'open';
    node.classList.toggle('stopped', state === 'stopped');
    button.hidden = state !== 'stopped';
    text.say({ open: '', stopped: why }[state] ?? 'Connecting… What you write is kept and sent then.');
  };
  return { node, show };
}

/** Who holds which seat, and who is in the room now. */
class People {
  #me;
  #seats = [];
  #here = new Set();
  #heard = []; // ENTER and LEAVE that came before we knew the seats
  #row = seatRow('Who is in this room');
  node = this.#row.node;

  constructor(me) {
    this.#me = me;
  }

  /** Takes the room's seats and members; returns the look-up of a member's seat. */
  know({ seats, members }) {
    this.#seats = seats;
    members.forEach(({ memberId }) => this.#here.add(memberId));
    this.heard(this.#heard);
    return (memberId) => seats.find((seat) => seat.memberId === memberId)?.seat ?? 0;
  }

  heard(messages) {
    const moves = messages.filter(({ type }) => type === 'ENTER' || type === 'LEAVE');
    if (this.#seats.length === 0) return void this.#heard.push(...moves);
    moves.forEach(({ type, memberId }) => (type === 'ENTER' ? this.#here.add(memberId) : this.#here.delete(memberId)));
    const inOrder = [...this.#seats].sort((a, b) => a.seat - b.seat);
    this.#row.fill(inOrder.map(({ memberId, nickname }) => ({
      nickname, me: memberId === this.#me, away: !this.#here.has(memberId),
    })));
  }
}
