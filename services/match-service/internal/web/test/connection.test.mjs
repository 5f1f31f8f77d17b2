import { describe, it, mock } from 'node:test';
import assert from 'node:assert/strict';
import { Problem } from '../static/sixseat/problem.js';
import { FakeScreen, settle } from './fakes.mjs';
import { arrive, later, member, oneTo, open, openAndConnect, room, say, screen, server } from './oneroom.mjs';

describe('coming back', () => {
  it('resumes after the last seq, with nothing lost and nothing doubled, ten times', async () => {
    await openAndConnect();
    for (let round = 0; round < 10; round++) {
      say(round * 3 + 1, round * 3 + 2);
      server.client.drop(1006);
      server.post('other', 'while away');
      await later();
      server.client.connect();
      await settle();
    }

    assert.deepEqual(screen.seqs, oneTo(30));
    assert.equal(server.clients.length, 11);
  });

  it('ignores what an abandoned connection still says', async () => {
    await openAndConnect();
    const old = server.client;
    old.drop(1006);
    await later();
    const before = screen.statuses.length;

    old.config.onConnect({ headers: {} });
    old.config.onWebSocketClose({ code: 1008, wasClean: true });

    assert.equal(screen.statuses.length, before);
  });

  it('comes back at once after 1012 and 4002', async () => {
    for (const code of [1012, 4002]) {
      await openAndConnect();
      server.client.drop(code);
      const made = server.clients.length;

      await later(0);

      assert.equal(server.clients.length, made + 1, `close code ${code}`);
      room.close();
    }
  });

  it('gives up a connection that does not come about', async () => {
    await open();
    await later(14_999);
    assert.equal(server.clients.length, 1);

    await later(1);
    assert.equal(server.client.forced, true);
    await later(600);
    assert.equal(server.clients.length, 2);
    server.client.connect();
    await later(60_000);

    assert.equal(screen.status.state, 'open');
    assert.equal(server.clients.length, 2, 'one that has come about is left alone');
  });

  it('does not spin on a server that sends everybody away', async () => {
    mock.method(Math, 'random', () => 1);
    await openAndConnect();
    server.client.drop(1012);
    await later(0);
    server.client.connect();
    server.client.drop(1012);
    const made = server.clients.length;

    await later(500);

    assert.equal(server.clients.length, made, 'a second one within half a second');
    await later(60_000);
    assert.equal(server.clients.length, made + 1);
  });

  it('waits longer each time, and from the start when the server is overloaded', async () => {
    mock.method(Math, 'random', () => 1);
    const delays = async (code) => {
      const seen = [];
      await open();
      for (let i = 0; i < 4; i++) {
        server.client.drop(code);
        seen.push(screen.status.retryAt - Date.now());
        await later();
      }
      room.close();
      return seen;
    };

    assert.deepEqual(await delays(1006), [600, 1100, 2100, 4100]);
    assert.deepEqual(await delays(1013), [4100, 8100, 16100, 30100]);
  });

  it('replaces an expired token before it comes back (4001)', async () => {
    await openAndConnect();
    server.client.drop(4001);
    await later(0);

    assert.deepEqual(member.tokens, [{ refused: undefined }, { refused: 'token1' }]);
    assert.equal(server.client.config.connectHeaders.Authorization, 'Bearer token2');
  });

  it('takes the unclean 4001 that stompjs makes up for a dead network as a lost connection', async () => {
    await openAndConnect();
    server.client.drop(4001, { wasClean: false });
    await later();

    assert.deepEqual(member.tokens.at(-1), { refused: undefined });
    assert.equal(server.clients.length, 2);
  });

  it('comes back after 1002 without an ERROR: the server only heard nothing for a while', async () => {
    await openAndConnect();
    server.client.drop(1002);
    await later();

    assert.equal(server.clients.length, 2);
  });

  it('waits as long as an ERROR asks for', async () => {
    mock.method(Math, 'random', () => 0);
    await openAndConnect();
    server.client.drop(1013, { error: { status: 503, detail: 'Full.' }, headers: { 'retry-after': '10' } });

    assert.equal(screen.status.retryAt - Date.now(), 10_000);
  });

  it('stops on 1008, 1002 and 4003, says why, and tries again when asked', async () => {
    /** @type {[number, {detail: string}|null, RegExp][]} */
    const ends = [
      [1008, { detail: 'This token is not one of ours.' }, /not one of ours/],
      [1002, { detail: 'That frame is malformed.' }, /malformed/],
      [4003, null, /too many windows/],
    ];
    for (const [code, error, why] of ends) {
      await openAndConnect();
      server.client.drop(code, { error });
      const made = server.clients.length;
      room.wake();
      await later();

      assert.equal(server.clients.length, made, `close code ${code} must not reconnect`);
      assert.equal(screen.status.state, 'stopped');
      assert.match(screen.status.why, why);
      room.open();
      await settle();
      assert.equal(server.clients.length, made + 1);
      room.close();
    }
  });

  it('stops where history says that this is not our room', async () => {
    server.history = async () => {
      throw new Problem({ status: 403, detail: 'You are not in this room.' });
    };
    await open();

    assert.deepEqual(screen.status, { state: 'stopped', why: 'You are not in this room.' });
  });

  it('tries again where history is away for a while', async () => {
    const { history } = server;
    server.history = async () => {
      throw new Problem({ status: 503, detail: 'away' });
    };
    say(1, 2);
    await open();
    assert.equal(screen.status.state, 'waiting');

    server.history = history;
    room.wake();
    await settle();
    server.client.connect();

    assert.deepEqual(screen.seqs, [1, 2]);
  });

  it('is silent after close', async () => {
    await openAndConnect();
    const { client } = server;
    room.close();
    const before = screen.statuses.length;
    await later(5_000);
    client.config.onWebSocketClose({ code: 1006, wasClean: false });
    await later();

    assert.equal(client.forced, true);
    assert.equal(server.clients.length, 1);
    assert.equal(screen.statuses.length, before);
  });
});

describe('one connection for all rooms', () => {
  /** A second room on the same socket. */
  const another = async () => {
    const other = new FakeScreen();
    const second = member.room(other.on, 'r2');
    await settle();
    return { other, second };
  };

  it('serves them all, and tells a problem to the room that it is about', async () => {
    await openAndConnect();
    const { other } = await another();

    assert.equal(server.clients.length, 1);
    assert.ok(server.client.subscriptions.has('/topic/r1') && server.client.subscriptions.has('/topic/r2'));
    server.client.give('/user/queue/errors', {}, { status: 403, detail: 'You left.', instance: '/pub/chat/r2' });

    assert.deepEqual(other.status, { state: 'stopped', why: 'You left.' });
    assert.equal(screen.status.state, 'open');
    assert.ok(!server.client.subscriptions.has('/topic/r2'), 'nothing is heard of a room that was left');
    assert.ok(!server.client.subscriptions.has('/topic/r2/events'), 'and one is not shown there as online');
  });

  it('keeps the socket for who goes from one room to the next', async () => {
    await openAndConnect();
    room.close();
    await later(4_900);
    const { second } = await another();
    await later(60_000);

    assert.equal(server.clients.length, 1);
    assert.equal(server.client.forced, false);
    second.abandon();
  });

  it('does not come back for nobody', async () => {
    await openAndConnect();
    room.close();
    server.client.drop(1006);
    await later();

    assert.equal(server.clients.length, 1);
  });

  it('goes on with a fresh token before the old one is stale', async () => {
    await open();
    member.staleAt = Date.now() + 5_000;
    server.client.connect();
    await later(4_900);
    assert.deepEqual(server.signals, []);

    member.staleAt = Date.now() + 1e9;
    await later(100);

    assert.deepEqual(server.signals, [{ destination: '/pub/session/refresh', headers: { Authorization: 'Bearer token2' }, body: undefined }]);
    assert.equal(server.clients.length, 1, 'the socket stays');
  });
});

describe('a subscription that the server ended', () => {
  it('is made again after a while, from where it was', async () => {
    await openAndConnect();
    say(1, 2);
    server.client.give('/user/queue/errors', {}, { status: 503, detail: 'Away.', instance: '/topic/r1' });
    server.post('other', 'unheard');
    assert.deepEqual(screen.seqs, [1, 2]);

    await later();

    assert.deepEqual(screen.seqs, oneTo(3));
    assert.deepEqual(screen.notices, []);
  });
});

describe('waking', () => {
  it('does not ask twice while the answer is on its way', async () => {
    say(1, 3);
    arrive();
    room.wake();
    room.open();
    await settle();

    assert.deepEqual(screen.seqs, oneTo(3));
  });
});
