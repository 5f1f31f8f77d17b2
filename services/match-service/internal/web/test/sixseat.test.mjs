import { afterEach, beforeEach, it, mock } from 'node:test';
import assert from 'node:assert/strict';
import { Sixseat } from '../static/sixseat.js';
import { Visitor } from '../static/sixseat/visitor.js';
import { FakeServer, FakeStore, settle } from './fakes.mjs';

const MEMBER = { memberId: 'me', nickname: 'ada', token: 't', expiresAt: '2999-01-01T00:00:00.000Z' };
let server, store, answers, opened;

beforeEach(() => {
  mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  mock.method(console, 'info', () => {});
  mock.method(console, 'warn', () => {});
  server = new FakeServer();
  store = new FakeStore();
  opened = [];
  answers = {
    '/chat/rooms/r1': () => server.room(),
    '/chat/rooms/r1/messages': () => server.history({ limit: 50, before: undefined }),
  };
  mock.method(globalThis, 'fetch', async (url) => {
    const answer = answers[new URL(url).pathname];
    assert.ok(answer, `an unexpected call: ${url}`);
    return Response.json(await answer());
  });
});
afterEach(() => {
  opened.forEach((one) => one.close());
  mock.timers.reset();
  mock.restoreAll();
});

/** One visit: a page or a program with the same storage. */
function visit(options = {}) {
  const one = new Sixseat({ url: 'http://host.example/', storage: store, member: MEMBER, WebSocket: class {}, Client: server.Client, ...options });
  opened.push(one);
  return one;
}
const flow = async () => {
  for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve));
  await settle();
};

it('connects to the server that it was given', async () => {
  visit().room('r1', {});
  await flow();

  assert.equal(server.client.config.brokerURL, 'ws://host.example/chat/ws');
});

it('gives rooms to who was here without', async () => {
  const visitor = new Visitor({ url: 'http://host.example/', storage: store });
  const one = visit({ visitor, url: undefined, storage: undefined, member: undefined });
  assert.equal(one.api, visitor.api, 'one token, refreshed once');
  assert.throws(() => one.room('r1', {}), { status: 401 });

  visitor.api.member = MEMBER;
  void one.room('r1', {}).send('kept');
  await flow();

  assert.equal(server.client.config.brokerURL, 'ws://host.example/chat/ws');
  assert.ok(Array.from({ length: store.length }, (_, i) => store.key(i)).some((key) => key.includes('unsent/me/r1')), 'in the same storage');
});

it('keeps its member for the next visit', () => {
  visit();

  assert.equal(visit({ member: undefined }).member.nickname, 'ada');
});

it('sends at the next visit what the last one could not, whatever is on the screen', async () => {
  const before = visit();
  void before.room('r1', {}).send('kept');
  before.close();

  const after = visit();
  after.sendUnsent();
  await flow();
  server.client.connect();
  await flow();

  assert.deepEqual(server.log.map(({ comment }) => comment), ['kept']);
  assert.equal(server.client.subscriptions.has('/topic/r1'), false, 'the room is let go again');
});

it('sends nothing of somebody who was here before', async () => {
  const before = visit();
  void before.room('r1', {}).send('not mine');
  before.close();

  visit({ member: { ...MEMBER, memberId: 'you' } }).sendUnsent();
  await flow();

  assert.equal(server.clients.length, 0);
  assert.equal(Array.from({ length: store.length }, (_, i) => store.key(i)).filter((key) => key.includes('unsent')).length, 0);
});

it('hands a room over to who opens it again, with what is still to be sent', async () => {
  const one = visit();
  const told = [];
  void one.room('r1', {}).send('from the first');
  one.room('r1', { pending: (items) => told.push(items.map(({ text }) => text)) });
  await flow();
  server.client.connect();
  await flow();

  assert.deepEqual(told.at(0), ['from the first']);
  assert.deepEqual(told.at(-1), []);
  assert.equal(server.log.length, 1);
  assert.equal(server.subscribed.filter((destination) => destination === '/topic/r1').length, 1);
});

it('says something in a room that is not open, and lets it go once that is stored', async () => {
  const one = visit();
  const sent = one.send('r1', 'from elsewhere');
  await flow();
  server.client.connect();
  await flow();

  assert.deepEqual(await sent, { seq: 1 });
  assert.ok(!server.client.subscriptions.has('/topic/r1'));
});

it('says it in the room that is open, which shows it', async () => {
  const one = visit();
  const seqs = [];
  one.room('r1', { messages: (messages) => seqs.push(...messages.map(({ seq }) => seq)) });
  await flow();
  server.client.connect();
  await flow();

  await one.send('r1', 'look', 'i1');

  assert.deepEqual(seqs, [1]);
  assert.ok(server.client.subscriptions.has('/topic/r1'));
});

it('says at once what it lacks', async () => {
  assert.throws(() => new Sixseat({ storage: null }).room('r1', {}), { status: 401 });

  const states = [];
  visit({ WebSocket: null }).room('r1', { status: ({ state, problem }) => states.push([state, problem?.slug]) });
  await flow();
  assert.deepEqual(states.at(-1), ['stopped', 'no-websocket']);
});

it('rejects when the wait for a film ends without a room', async () => {
  answers['/match/queue'] = () => ({ state: 'idle', reason: 'expired' });
  await assert.rejects(visit().match('heat-1995'), { slug: 'not-matched' });
});

it('gives the place up when the program changes its mind', async () => {
  const stop = new AbortController();
  answers['/match/queue'] = () => ({ state: 'waiting', movieId: 'heat-1995', waiting: 1, place: 1, seats: 6, seated: [] });
  answers['/match/queue/events'] = () => new Promise(() => {});
  const matched = visit().match('heat-1995', { signal: stop.signal });
  await flow();

  stop.abort();

  await assert.rejects(matched, { slug: 'not-matched' });
});

it('takes no place for a program that changed its mind before', async () => {
  await assert.rejects(visit().match('heat-1995', { signal: AbortSignal.abort() }), { name: 'AbortError' });
});

it('tells why it could not wait, not that a wait has ended', async () => {
  let calls = 0;
  answers['/match/queue'] = () => {
    if (calls++ === 0) throw new TypeError('no network');
    return { state: 'idle' };
  };

  await assert.rejects(visit().match('heat-1995'), { slug: 'offline' });
  assert.equal(calls, 2);
});
