// Small real things in memory: a STOMP client of one server-side room, and a place to
// collect what the room under test tells its screen.

import assert from 'node:assert/strict';
import { Connection } from '../static/sixseat/connection.js';
import { Keep } from '../static/sixseat/keep.js';
import { Room } from '../static/sixseat/room.js';
import { Unsent } from '../static/sixseat/unsent.js';

/** Lets everything run that only waits for promises. */
export async function settle() {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

/** A server with one room and the class of clients that talk to it. */
export class FakeServer {
  log = []; // stored messages
  clients = []; // every client that was made, in order
  sends = []; // {key, comment, receipt} of every SEND that arrived
  mute = false; // takes a SEND, stores it, and says nothing
  hold = false; // takes a SEND, and that is all
  signals = []; // SENDs that are no messages
  refuse = null; // a problem with which every SEND is answered
  border = 0; // what was said up to here cannot be reached
  retryAfter = 0; // s; what such an answer asks for
  constructor(roomId = 'r1') {
    const server = this;
    this.roomId = roomId;
    this.Client = class extends FakeClient {
      constructor(config) {
        super(server, config);
      }
    };
  }

  get client() {
    return this.clients.at(-1);
  }

  /** Stores a message and shows it to who is subscribed. */
  post(memberId, comment, { key = undefined, type = 'TEXT', show = true } = {}) {
    const message = {
      roomId: this.roomId, seq: this.log.length + 1, messageId: `m${this.log.length + 1}`,
      idempotencyKey: key, memberId, type, comment, createdBy: memberId, createdAt: '2024-07-25T10:10:00.000Z',
    };
    this.log.push(message);
    if (show) this.client?.show(message);
    return message;
  }

  subscribed = []; // destinations, in the order in which they came

  room = async () => ({
    roomId: this.roomId, movieId: 'm', title: 'Heat', createdAt: '2024-07-25T10:10:00.000Z', lastSeq: this.log.length,
    seats: ['me', 'other', 'third'].map((memberId, i) => ({ seat: i + 1, memberId, nickname: memberId })),
    members: ['me', 'other', 'third'].map((memberId) => ({ memberId, nickname: memberId, online: memberId !== 'third', lastReadSeq: 0 })),
  });

  history = async ({ before, limit }) => {
    const older = this.log.filter(({ seq }) => !before || seq < before);
    return { items: older.slice(-limit), hasMore: older.length > limit };
  };
}

class FakeClient {
  connected = false;
  subscriptions = new Map(); // destination -> {callback, headers}
  receipts = new Map();
  forced = false;

  constructor(server, config) {
    this.server = server;
    this.config = config;
    server.clients.push(this);
  }

  activate() {}

  connect() {
    this.connected = true;
    this.config.onConnect({ headers: {} });
  }

  drop(code, { wasClean = code !== 1006, error = undefined, headers = {} } = {}) {
    if (error) this.config.onStompError({ headers: { message: error.detail, ...headers }, body: JSON.stringify(error) });
    this.connected = false;
    this.config.onWebSocketClose({ code, reason: '', wasClean });
  }

  async deactivate({ force }) {
    this.forced = force;
    this.connected = false;
  }

  subscribe(destination, callback, headers = {}) {
    const entry = { callback, headers };
    this.server.subscribed.push(destination);
    this.subscriptions.set(destination, entry);
    if ('last-seq' in headers) {
      // As in a network, the replay comes after this call has returned.
      queueMicrotask(() => this.replay(destination, Number(headers['last-seq'])));
    }
    return { unsubscribe: () => this.subscriptions.get(destination) === entry && this.subscriptions.delete(destination) };
  }

  replay(destination, after) {
    const { border, log } = this.server;
    if (after >= border) return log.slice(after).forEach((m) => this.show(m));
    this.subscriptions.delete(destination);
    this.give('/user/queue/errors', { 'last-seq': String(border) }, { status: 503, detail: 'Old.', instance: destination });
  }

  show(message) {
    if (this.connected) this.give(`/topic/${this.server.roomId}`, {}, message);
  }

  give(destination, headers, body) {
    this.subscriptions.get(destination)?.callback({ headers, body: JSON.stringify(body) });
  }

  watchForReceipt(id, callback) {
    this.receipts.set(id, callback);
  }

  publish({ destination, headers, body }) {
    if (!this.connected) throw new TypeError('There is no underlying STOMP connection');
    const { server } = this;
    if (!destination.startsWith('/pub/chat/')) return void server.signals.push({ destination, headers, body });
    const { comment, imageId } = JSON.parse(body);
    const key = headers['idempotency-key'];
    server.sends.push({ key, comment, receipt: headers.receipt, ...(imageId && { imageId }) });
    if (server.hold) return undefined;
    if (server.refuse) return this.give('/user/queue/errors', { 'receipt-id': headers.receipt, 'retry-after': String(server.retryAfter) }, server.refuse);
    const known = server.log.find((message) => message.idempotencyKey === key);
    const stored = known ?? server.post('me', comment, { key, show: !server.mute });
    if (!server.mute) this.receipts.get(headers.receipt)?.({ headers: { seq: String(stored.seq) } });
  }
}

/** What a room told its screen. */
export class FakeScreen {
  seqs = []; // as shown, oldest first
  pending = [];
  statuses = [];
  notices = [];
  titles = [];
  people = null;
  /** @type {any} */
  on = {
    messages: (messages, where) => {
      const seqs = messages.map(({ seq }) => seq);
      if (where === 'start') this.seqs.unshift(...seqs);
      else this.seqs.push(...seqs);
    },
    trimmed: (firstSeq) => (this.seqs = this.seqs.filter((seq) => seq >= firstSeq)),
    pending: (items) => (this.pending = items.map(({ key, text, state, problem }) => ({ key, text, state, problem, why: problem?.message ?? '' }))),
    status: ({ problem, ...status }) => this.statuses.push(problem ? { ...status, why: problem.message } : status),
    notice: (problem) => this.notices.push(problem.message),
    details: ({ title }) => this.titles.push(title),
    people: (people) => (this.people = people),
  };

  get status() {
    return this.statuses.at(-1);
  }
}

/** A Storage in memory. */
export class FakeStore {
  #items = new Map();

  get length() {
    return this.#items.size;
  }

  key(i) {
    return [...this.#items.keys()][i] ?? null;
  }

  getItem(key) {
    return this.#items.get(key) ?? null;
  }

  setItem(key, value) {
    this.#items.set(key, value);
  }

  removeItem(key) {
    this.#items.delete(key);
  }
}

/** One member's side of a FakeServer: the connection and what its rooms need. */
export class FakeMember {
  tokens = []; // what token() was asked for
  staleAt = Infinity;
  left = [];

  constructor(server, { memberId = 'me', store = null } = {}) {
    this.server = server;
    this.memberId = memberId;
    this.keep = new Keep(store);
    this.connection = new Connection({ client: async () => server.Client, socket: () => ({ brokerURL: 'ws://x/chat/ws' }), identity: this });
  }

  async token(than) {
    this.tokens.push(than);
    return `token${this.tokens.length}`;
  }

  /** @param {Partial<import('../static/sixseat/listener.js').Listener>} on */
  room(on, roomId = this.server.roomId) {
    const api = {
      room: (id) => this.server.room(id),
      messages: (_, page) => this.server.history(page),
      leaveRoom: async (id) => this.left.push(id),
      offerPicture: async () => assert.fail('nobody uploads here'),
    };
    const room = new Room({
      roomId, memberId: this.memberId, api, on, connection: this.connection, unsent: new Unsent(this.keep, this.memberId, roomId),
    });
    room.open();
    return room;
  }
}
