import { afterEach, beforeEach, it, mock } from 'node:test';
import assert from 'node:assert/strict';
import { Keep } from '../static/sixseat/keep.js';
import { forgetOthers, roomsWithUnsent } from '../static/sixseat/unsent.js';
import { Problem } from '../static/sixseat/problem.js';
import { FakeMember, FakeScreen, FakeServer, FakeStore, settle } from './fakes.mjs';

const DAY = 86_400_000;
let server, store, opened;

beforeEach(() => {
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 10 * DAY });
  mock.method(console, 'info', () => {});
  server = new FakeServer();
  store = new FakeStore();
  opened = [];
});
afterEach(() => {
  opened.forEach(({ room, member }) => {
    room.abandon();
    member.connection.close();
  });
  mock.timers.reset();
  mock.restoreAll();
});

/** A page with the room, as after loading it. */
async function page() {
  const screen = new FakeScreen();
  const member = new FakeMember(server, { store });
  const room = member.room(screen.on);
  await settle();
  const here = { screen, member, room, client: server.client };
  opened.push(here);
  return here;
}
const texts = ({ screen }) => screen.pending.map(({ text, state }) => [text, state]);
const kept = () => Array.from({ length: store.length }, (_, i) => store.key(i));

it('sends after a reload the picture that was uploaded before it', async () => {
  const before = await page();
  before.room.send('look', 'i1');
  before.room.abandon();

  const after = await page();
  after.client.connect();
  await settle();

  assert.deepEqual(server.sends.map(({ imageId, comment }) => [imageId, comment]), [['i1', 'look']]);
});

it('sends after a reload what was written before it, in order and under the same keys', async () => {
  const before = await page();
  ['a', 'b', 'c'].forEach((text) => before.room.send(text));
  const keys = before.screen.pending.map(({ key }) => key);
  before.room.abandon(); // the page is gone

  const after = await page();
  assert.deepEqual(texts(after), [['a', 'pending'], ['b', 'pending'], ['c', 'pending']]);
  server.client.connect();
  await settle();

  assert.deepEqual(server.sends.map(({ key }) => key), keys);
  assert.deepEqual(server.log.map(({ comment }) => comment), ['a', 'b', 'c']);
  assert.deepEqual(texts(after), []);
  assert.deepEqual(kept(), []);
});

it('stores once what was on its way when the page was reloaded', async () => {
  const before = await page();
  server.client.connect();
  server.mute = true;
  before.room.send('hello'); // stored, but the receipt does not come any more
  before.room.abandon();
  server.mute = false;

  const after = await page();
  server.client.connect();
  await settle();

  assert.equal(server.log.length, 1);
  assert.deepEqual(after.screen.seqs, [1]);
  assert.deepEqual(texts(after), []);
});

it('shows once, from the first page on, what was stored before the page was reloaded', async () => {
  const before = await page();
  server.client.connect();
  server.mute = true;
  before.room.send('hello');
  before.room.abandon();

  const after = await page(); // with its history, and not connected yet

  assert.deepEqual(after.screen.seqs, [1]);
  assert.deepEqual(texts(after), []);
  assert.deepEqual(kept(), []);
});

it('does not double what two tabs have kept', async () => {
  const one = await page();
  one.room.send('once');
  const two = await page();
  assert.deepEqual(texts(two), [['once', 'pending']]);

  one.client.connect();
  two.client.connect();
  await settle();
  one.client.show(server.log[0]);
  two.client.show(server.log[0]);

  assert.equal(server.log.length, 1);
  assert.deepEqual([one.screen.seqs, two.screen.seqs], [[1], [1]]);
  assert.deepEqual([texts(one), texts(two)], [[], []]);
});

it('does not send by itself what failed, nor what is older than a day', async () => {
  const before = await page();
  server.client.connect();
  server.refuse = { status: 400, detail: 'No.' };
  await assert.rejects(before.room.send('refused'), { message: 'No.' });
  server.client.drop(1006);
  before.room.send('old');
  before.room.abandon();
  server.refuse = null;
  mock.timers.setTime(11 * DAY + 5);

  const after = await page();
  server.client.connect();
  await settle();
  assert.deepEqual(texts(after), [['refused', 'failed'], ['old', 'failed']]);
  assert.equal(server.sends.length, 1);

  after.room.retry(after.screen.pending[1].key);
  const [{ key }] = after.screen.pending;
  after.room.discard(key);

  assert.deepEqual(server.log.map(({ comment }) => comment), ['old']);
  assert.deepEqual(texts(after), []);
  mock.timers.setTime(12 * DAY + 6);
  assert.deepEqual(texts(await page()), []);
  assert.deepEqual(kept(), [], 'nor is it remembered for ever that it was discarded');
});

it('knows after a reload why a message was refused, and so that it never will be taken', async () => {
  const before = await page();
  server.client.connect();
  const type = 'urn:sixseat:problem:invalid';
  server.refuse = { status: 400, type, detail: 'Not read.', errors: [{ field: 'imageId', reason: 'not read' }] };
  await assert.rejects(before.room.send('look', 'i1'), { status: 400 });
  before.room.abandon();

  const [{ problem }] = (await page()).screen.pending;

  assert.deepEqual([problem.status, problem.type, problem.message, problem.errors.map(({ field }) => field)], [400, type, 'Not read.', ['imageId']]);
});

it('does not send what was discarded in another tab', async () => {
  const one = await page();
  one.room.send('regretted');
  const two = await page();
  server.refuse = { status: 400, detail: 'No.' };
  one.client.connect();
  one.room.discard(one.screen.pending[0].key);
  server.refuse = null;

  two.client.connect();
  await settle();
  two.room.send('another');

  assert.deepEqual(server.log.map(({ comment }) => comment), ['another']);
  assert.deepEqual(texts(two), []);
});

it('sends what was written even when one goes elsewhere before there is a connection', async () => {
  const { room, screen, client } = await page();
  room.send('on my way out');
  room.close();
  const told = screen.statuses.length;

  client.connect();
  await settle();

  assert.deepEqual(server.log.map(({ comment }) => comment), ['on my way out']);
  assert.equal(screen.statuses.length, told, 'nobody is told any more');
  assert.ok(!client.subscriptions.has('/topic/r1'), 'then the room is let go');
});

it('resolves once a message is stored, and need not be awaited when it is refused', async () => {
  const { room } = await page();
  const sent = room.send('hello');
  server.client.connect();
  assert.deepEqual(await sent, { seq: 1 });

  server.refuse = { status: 403, detail: 'You left.' };
  room.send('nobody listens to this promise');
  await settle();
});

it('leaves nothing behind in a room that was left', async () => {
  const { room, member } = await page();
  room.send('never mind');
  await room.leave();

  assert.deepEqual(member.left, ['r1']);
  assert.deepEqual(kept(), []);
});

it('keeps nothing for a room that this member was put out of', async () => {
  const { room, screen } = await page();
  server.client.connect();
  server.refuse = { status: 403, detail: 'You left this room.', instance: '/pub/chat/r1' };
  room.send('refused');
  await assert.rejects(room.send('also'), { status: 403 });

  assert.equal(screen.status.state, 'stopped');
  assert.deepEqual(kept(), []);
});

it('keeps nothing for a room that does not let this member in again', async () => {
  const { room } = await page();
  room.send('kept');
  room.abandon();
  server.room = async () => {
    throw new Problem({ status: 403 });
  };

  const after = await page();

  assert.deepEqual(texts(after), [['kept', 'failed']], 'its writer can still copy it');
  assert.deepEqual(kept(), []);
});

it('asks for no room where all that is kept waits for a person', () => {
  const keep = new Keep(store);
  keep.write('sixseat.unsent/me/r1/k1', { text: 'x', at: Date.now(), problem: { status: 400 } });
  keep.write('sixseat.unsent/me/r2/k2', { text: 'x', at: Date.now() - 2 * DAY });
  keep.write('sixseat.unsent/me/r3/k3', { text: 'x', at: Date.now() });

  assert.deepEqual(roomsWithUnsent(keep, 'me'), ['r3']);
});

it('knows the rooms with unsent messages, of this member alone', () => {
  const keep = new Keep(store);
  for (const name of ['me/r1/k1', 'me/r1/k2', 'me/r2/k3', 'you/r3/k4']) keep.write(`sixseat.unsent/${name}`, { text: 'x', at: Date.now() });
  assert.deepEqual(roomsWithUnsent(keep, 'me').sort(), ['r1', 'r2']);

  forgetOthers(keep, 'me');

  assert.deepEqual(roomsWithUnsent(keep, 'you'), []);
  assert.equal(roomsWithUnsent(keep, 'me').length, 2);
});

it('keeps in memory what the browser refuses to store, and survives what it cannot read', () => {
  mock.method(console, 'warn', () => {});
  const full = new FakeStore();
  full.setItem = () => {
    throw new DOMException('full', 'QuotaExceededError');
  };
  for (const keep of [new Keep(full), new Keep(null)]) {
    keep.write('a/1', { x: 1 });
    assert.deepEqual([keep.read('a/1'), keep.keys('a/')], [{ x: 1 }, ['a/1']]);
    keep.remove('a/1');
    assert.deepEqual([keep.read('a/1'), keep.keys('a/')], [null, []]);
  }
  store.setItem('a/2', '{broken');
  assert.equal(new Keep(store).read('a/2'), null);
});
