// A WebSocket with a small STOMP server behind it: one room, in which ada speaks.

const ONE = { roomId: 'r1', memberId: 'm1', type: 'TEXT', createdBy: 'ada', createdAt: '2024-07-25T10:10:00.000Z' };

/** A frame as its parts. @param {string} text */
export function speak(text) {
  const [head, body = ''] = text.split('\n\n');
  const [command, ...lines] = head.split('\n');
  return { command, headers: Object.fromEntries(lines.map((line) => line.split(/:(.*)/s))), body: body.replace(/\0.*$/s, '') };
}

export class FakeWebSocket {
  /** @type {FakeWebSocket[]} */
  static all = [];
  /** @type {any} */ onopen;
  /** @type {any} */ onclose;
  /** @type {any} */ onmessage;
  url = '';
  sent = [];
  readyState = 0;
  seq = 1;
  rooms = {}; // subscription ids by destination

  constructor(url, protocols) {
    Object.assign(this, { url, protocols });
    FakeWebSocket.all.push(this);
    queueMicrotask(() => {
      this.readyState = 1;
      this.onopen?.({});
    });
  }

  send(text) {
    this.sent.push(text);
    const { command, headers, body } = speak(text);
    queueMicrotask(() => this[command]?.(headers, body));
  }

  close() {
    this.readyState = 3;
    queueMicrotask(() => this.onclose?.({ code: 1000, reason: '', wasClean: true }));
  }

  CONNECT() {
    this.answer('CONNECTED', { version: '1.2' });
  }

  SUBSCRIBE({ id, destination }) {
    this.rooms[destination] = id;
  }

  SEND({ receipt, destination, 'idempotency-key': idempotencyKey }, body) {
    if (!destination.startsWith('/pub/chat/')) return;
    const message = { ...ONE, seq: ++this.seq, messageId: 'y', idempotencyKey, comment: JSON.parse(body).comment };
    this.answer('MESSAGE', { destination: '/topic/r1', subscription: this.rooms['/topic/r1'], 'message-id': 'y' }, JSON.stringify(message));
    this.answer('RECEIPT', { 'receipt-id': receipt, seq: this.seq });
  }

  answer(command, headers, body = '') {
    const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`).join('');
    this.onmessage?.({ data: `${command}\n${lines}\n${body}\0` });
  }
}
