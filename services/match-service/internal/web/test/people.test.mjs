import { beforeEach, describe, it, mock } from 'node:test';
import assert from 'node:assert/strict';
import { settle } from './fakes.mjs';
import { later, member, openAndConnect, room, screen, server } from './oneroom.mjs';
import { presenceOf } from '../static/chat/seating.js';

beforeEach(async () => {
  mock.method(Math, 'random', () => 0.5);
  await openAndConnect();
});

const happens = (event, memberId, seq) => server.client.give('/topic/r1/events', {}, { event, memberId, nickname: memberId, seq });
const presence = () => screen.people.all.map(presenceOf);

it('knows the seats and who is online, and follows both', () => {
  assert.deepEqual(presence(), ['online', 'online', 'away']);

  happens('online', 'third');
  happens('offline', 'other');
  assert.deepEqual(presence(), ['online', 'away', 'online']);

  server.post('third', '', { type: 'LEAVE' });
  assert.deepEqual(presence(), ['online', 'away', 'left']);
  server.post('third', '', { type: 'ENTER' });
  assert.notEqual(presence()[2], 'left');
});

it('does not call anybody away while the server does not know', async () => {
  const { room: tell } = server;
  server.room = async () => ({ ...(await tell()), members: [{ memberId: 'other', nickname: 'other', lastReadSeq: 0 }] });
  const second = member.room(screen.on);
  await settle();

  assert.deepEqual(presence(), ['expected', 'unknown', 'expected']);
  second.abandon();
});

it('calls nobody online while the connection is away, and knows again when it is back', async () => {
  server.client.drop(1006);
  assert.deepEqual(presence(), ['unknown', 'unknown', 'unknown']);

  await later(1_000);
  server.client.connect();
  happens('online', 'me');
  assert.deepEqual(presence(), ['online', 'unknown', 'unknown']);

  await later(2_500);
  assert.deepEqual(presence(), ['online', 'online', 'away']);
});

it('does not take an answer for the present that comes when the connection is gone again', async () => {
  const { room: tell } = server;
  server.client.drop(1006);
  await later(1_000);
  server.room = async () => {
    server.client.drop(1006);
    return tell();
  };
  server.client.connect();
  await later(2_500);

  assert.deepEqual(presence(), ['unknown', 'unknown', 'unknown']);
});

it('knows who came and who left between the answer about the room and its messages', async () => {
  const { room: tell } = server;
  server.room = async () => {
    const details = await tell();
    details.members = details.members.filter(({ memberId }) => memberId !== 'third');
    server.post('third', '', { type: 'ENTER', show: false });
    server.post('other', '', { type: 'LEAVE', show: false });
    return details;
  };
  const second = member.room(screen.on);
  await settle();

  assert.deepEqual(presence(), ['online', 'left', 'away']);
  second.abandon();
});

it('calls nobody gone who never came, and knows who left by the messages', async () => {
  const { room: tell } = server;
  server.room = async () => ({ ...(await tell()), members: [{ memberId: 'me', nickname: 'me', online: true, lastReadSeq: 0 }] });
  server.post('third', '', { type: 'LEAVE' });
  for (let i = 0; i < 50; i++) server.post('me', String(i));
  const second = member.room(screen.on);
  await settle();
  assert.deepEqual(presence(), ['online', 'absent', 'absent'], 'what would tell is not loaded');

  await second.loadOlder();

  assert.deepEqual(presence(), ['online', 'expected', 'left']);
  second.abandon();
});

describe('a seat that was given anew', () => {
  const now = (/** @type {string[]} */ ...ids) => async () => ({
    ...(await tell()), lastSeq: server.log.length,
    seats: ids.map((memberId, i) => ({ seat: i + 1, memberId, nickname: memberId })),
    members: ids.map((memberId) => ({ memberId, nickname: memberId, online: false, lastReadSeq: 0 })),
  });
  const ids = () => screen.people.all.map(({ memberId }) => memberId);
  let tell;
  beforeEach(() => (tell = server.room));

  it('shows its new holder, who came in, instead of the old one', async () => {
    server.room = now('me', 'other', 'fourth');
    happens('typing', 'third');
    server.post('fourth', '', { type: 'ENTER' });
    happens('online', 'fourth'); // while the answer is on its way
    await settle();

    assert.deepEqual(ids(), ['me', 'other', 'fourth']);
    assert.equal(presence()[2], 'online');
    assert.deepEqual(screen.people.typing, []);
  });

  it('is asked for once, also where the answer does not know it yet', async () => {
    let asked = 0;
    server.room = async () => (asked++, { ...(await tell()), lastSeq: 0 });
    server.post('fourth', '', { type: 'ENTER' });
    await settle();

    assert.equal(asked, 1);
  });

  it('has its new holder alone after a return', async () => {
    server.client.drop(1012);
    mock.timers.tick(0);
    await settle();
    server.room = now('me', 'other', 'fourth');
    server.client.connect();
    mock.timers.tick(2_500);
    await settle();

    assert.deepEqual(ids(), ['me', 'other', 'fourth']);
  });
});

it('shows who types for six seconds, or until the message comes', async () => {
  happens('typing', 'other');
  mock.timers.tick(3_000);
  happens('typing', 'third');
  assert.deepEqual(screen.people.typing, ['other', 'third']);

  mock.timers.tick(3_000);
  assert.deepEqual(screen.people.typing, ['third']);
  server.post('third', 'there');
  assert.deepEqual(screen.people.typing, []);
});

it('knows how far each has read, and nobody reads back', () => {
  happens('read', 'other', 5);
  happens('read', 'other', 3);

  assert.equal(screen.people.get('other').lastReadSeq, 5);
});

it('asks again after a return, spread over some seconds; what was heard since is newer', async () => {
  server.client.drop(1012);
  mock.timers.tick(0);
  await settle();
  server.client.connect();
  assert.deepEqual(screen.people.typing, []);
  const { room: tell } = server;
  let asked = 0;
  server.room = async () => {
    asked++;
    happens('offline', 'other'); // while the answer is on its way
    const room = await tell();
    room.members[2].lastReadSeq = 7;
    return room;
  };

  mock.timers.tick(2_499);
  assert.equal(asked, 0);
  mock.timers.tick(1);
  await settle();

  assert.equal(asked, 1);
  assert.deepEqual(presence(), ['online', 'away', 'away']);
  assert.equal(screen.people.get('third').lastReadSeq, 7);
});

it('says "typing" at most every three seconds, and nothing without a connection', () => {
  room.typing();
  room.typing();
  mock.timers.tick(3_000);
  room.typing();
  assert.deepEqual(server.signals.map(({ destination }) => destination), ['/pub/typing/r1', '/pub/typing/r1']);

  server.client.drop(1006);
  mock.timers.tick(3_000);
  room.typing();
  assert.equal(server.signals.length, 2);
});

it('says "typing" again at once after a message of one\'s own', () => {
  room.typing();
  room.send('done');
  room.typing();
  server.post('other', 'an answer changes nothing');
  room.typing();

  assert.equal(server.signals.length, 2);
});

it('tells once a second at most how far one has read, and again to the next connection', async () => {
  [1, 2, 5, 4].forEach((seq) => room.read(seq));
  assert.equal(server.signals.length, 0);
  mock.timers.tick(1_000);
  assert.deepEqual(server.signals.map(({ body }) => JSON.parse(body)), [{ seq: 5 }]);

  server.client.drop(1012);
  mock.timers.tick(0);
  await settle();
  room.read(6);
  server.client.connect();

  assert.deepEqual(server.signals.map(({ body }) => JSON.parse(body).seq), [5, 6]);
  server.client.drop(1012);
  mock.timers.tick(60_000);
  await settle();
  server.client.connect();
  assert.deepEqual(server.signals.map(({ body }) => JSON.parse(body).seq), [5, 6, 6], 'the last one may have been lost');
});

it('asks who is here once, not again when the first connection is there', async () => {
  let asked = 0;
  server.room = async () => {
    asked++;
    throw new Error('not again');
  };
  mock.timers.tick(60_000);
  await settle();

  assert.equal(asked, 0);
});

it('tells the last read mark when the room is closed', () => {
  room.read(9);
  room.close();

  assert.deepEqual(server.signals.map(({ body }) => JSON.parse(body).seq), [9]);
});
