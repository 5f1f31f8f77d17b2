import { afterEach, beforeEach, it, mock } from 'node:test';
import assert from 'node:assert/strict';
import { Queue } from '../static/sixseat/queue.js';
import { Problem } from '../static/sixseat/problem.js';
import { settle } from './fakes.mjs';

const WAITING = { state: 'waiting', movieId: 'm1', waiting: 3, seats: 6, place: 1, seated: [] };
const matched = (generation = 1) => ({ state: 'matched', room: { roomId: 'r1' }, seat: 1, generation, ticket: `t${generation}` });
const IDLE = { state: 'idle' };

let now, asking, joining, leaving, entering, inRoom, queue, streams, seen;

beforeEach(() => {
  mock.timers.enable({ apis: ['setTimeout'] });
  now = IDLE;
  asking = async () => now;
  joining = async () => (now = WAITING);
  entering = async () => ({ roomId: 'r1', title: 'Heat' });
  leaving = async () => ({ ended: 'waiting' });
  inRoom = false;
  streams = [];
  seen = { states: [], seated: [], trouble: [], tickets: [] };
  queue = new Queue({
    api: {
      queue: () => asking(),
      join: () => joining(),
      leaveQueue: () => leaving(),
      enterRoom: (ticket) => (seen.tickets.push(ticket), entering()),
      room: async () => {
        if (!inRoom) throw new Problem({ status: 403 });
        return { roomId: 'r1', movieId: 'heat-1995', title: 'Heat', createdAt: '', lastSeq: 0, seats: [], members: [] };
      },
    },
    openStream: (on) => {
      const stream = { open: true, woken: 0, cuts: 0, wake: () => stream.woken++, cut: () => stream.cuts++, close: () => (stream.open = false) };
      stream.refuse = (problem) => ((stream.open = false), on.onRefused(problem));
      stream.say = (state) => on.onEvent({ event: 'state', data: JSON.stringify(state) });
      streams.push(stream);
      return stream;
    },
    onState: (state) => seen.states.push(state.state),
    onSeated: ({ roomId }) => seen.seated.push(roomId),
    onTrouble: (trouble) => seen.trouble.push(trouble),
  });
});
afterEach(() => {
  queue.close();
  mock.timers.reset();
  mock.restoreAll();
});

const open = () => streams.filter((stream) => stream.open).length;

it('listens while waiting, takes the seat once, and listens no longer', async () => {
  await queue.join('m1');
  assert.equal(open(), 1);
  streams[0].say(matched());
  streams[0].say(matched());
  await settle();

  assert.deepEqual(seen.tickets, ['t1']);
  assert.deepEqual(seen.seated, ['r1']);
  assert.equal(open(), 0);
  assert.equal(queue.entering, false);
});

it('does not listen while nothing is waited for', async () => {
  await queue.sync();

  assert.equal(streams.length, 0);
});

it('does not rush into a room that was entered before the page was opened', async () => {
  now = matched();
  inRoom = true;
  await queue.sync();
  await settle();

  assert.deepEqual(seen.tickets, []);
  assert.deepEqual(seen.seated, []);
  assert.equal(open(), 0);
});

it('takes a seat that was given while the page was away', async () => {
  now = matched();
  await queue.sync();
  await settle();

  assert.deepEqual(seen.seated, ['r1']);
});

it('stays out of a room that was left', async () => {
  entering = async () => {
    throw new Problem({ status: 403 });
  };
  now = matched();
  await queue.sync();
  await settle();
  mock.timers.tick(60_000);
  await settle();

  assert.deepEqual(seen.tickets, ['t1']);
  assert.equal(queue.entering, false);
  assert.equal(open(), 0);
});

it('goes on listening when somebody else has the seat, and takes the next one', async () => {
  await queue.join('m1');
  entering = async () => {
    throw new Problem({ status: 409, detail: 'This seat is taken.' });
  };
  streams[0].say(matched(1));
  await settle();
  streams[0].say(matched(1));
  await settle();
  assert.deepEqual(seen.tickets, ['t1'], 'the same seat is not asked for twice');
  assert.equal(open(), 1);
  assert.equal(seen.trouble.at(-1).problem.message, 'This seat is taken.');

  entering = async () => ({ roomId: 'r1', title: 'Heat' });
  streams[0].say(WAITING);
  streams[0].say(matched(2));
  await settle();

  assert.deepEqual(seen.seated, ['r1']);
});

it('tries again with a fresh ticket while the chat is away', async () => {
  await queue.join('m1');
  entering = async () => {
    throw new Problem({ status: 503, detail: 'Away.' });
  };
  streams[0].say(matched());
  await settle();
  assert.equal(seen.trouble.at(-1).kind, 'door');

  entering = async () => ({ roomId: 'r1', title: 'Heat' });
  now = { ...matched(), ticket: 'fresh' };
  mock.timers.tick(60_000);
  await settle();

  assert.deepEqual(seen.tickets, ['t1', 'fresh']);
  assert.deepEqual(seen.seated, ['r1']);
});

it('is idle after a cancel, whatever was still on its way', async () => {
  await queue.join('m1');
  const cancelled = queue.cancel();
  streams[0].say(matched());
  await cancelled;
  await settle();

  assert.equal(queue.state.state, 'idle');
  assert.deepEqual(seen.tickets, []);
  assert.equal(open(), 0);
});

it('hears of a match that came while a cancel failed', async () => {
  await queue.join('m1');
  leaving = async () => {
    streams[0].say(matched());
    throw new Problem({ status: 503 });
  };
  await assert.rejects(queue.cancel(), { status: 503 });
  assert.equal(open(), 1);

  streams.at(-1).say(matched()); // with which a new stream starts
  await settle();

  assert.equal(streams.length, 2);
  assert.deepEqual(seen.seated, ['r1']);
});

it('starts a new stream when the film changes, so that old news cannot come after it', async () => {
  await queue.join('m1');
  await queue.join('m2');

  assert.equal(streams.length, 2);
  assert.equal(streams[0].open, false);
});

it('keeps listening for the old film when a new one is refused', async () => {
  await queue.join('m1');
  joining = async () => {
    throw new Problem({ status: 404 });
  };

  await assert.rejects(queue.join('m2'), { status: 404 });

  assert.equal(queue.state.movieId, 'm1');
  assert.equal(open(), 1);
});

it('watches the wait where only the answer to its beginning was lost', async () => {
  joining = async () => {
    now = WAITING;
    throw new Problem({ status: 0 });
  };
  await queue.join('m1');

  assert.equal(queue.state.state, 'waiting');
  assert.equal(open(), 1);
});

it('says so where the place was not taken, or nobody knows', async () => {
  joining = async () => {
    throw new Problem({ status: 503 });
  };
  await assert.rejects(queue.join('m1'), { status: 503 });
  assert.equal(queue.state.state, 'idle');

  const warned = mock.method(console, 'warn', () => {});
  asking = async () => {
    throw new Problem({ status: 0 });
  };
  await assert.rejects(queue.join('m1'), { status: 503 });
  assert.equal(warned.mock.callCount(), 1);
});

it('listens again after it was refused, when the person is back', async () => {
  await queue.join('m1');
  streams[0].refuse(new Problem({ status: 403 }));
  assert.equal(open(), 0);

  await queue.wake();

  assert.equal(open(), 1);
  assert.equal(streams.length, 2);
});

it('tells an open stream that the network is gone', async () => {
  queue.cut(); // nothing is open
  await queue.join('m1');
  queue.cut();

  assert.equal(streams[0].cuts, 1);
});

it('drops an answer that was overtaken by news', async () => {
  await queue.join('m1');
  now = WAITING;
  const asked = queue.sync();
  streams[0].say(matched());
  await asked;

  assert.equal(queue.state.state, 'matched');
});
