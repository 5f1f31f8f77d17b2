import { describe, it, mock } from 'node:test';
import assert from 'node:assert/strict';
import { Problem } from '../static/sixseat/problem.js';
import { settle } from './fakes.mjs';
import { arrive, later, oneTo, open, openAndConnect, room, say, screen, server } from './oneroom.mjs';

describe('reading', () => {
  it('shows history, then what is said live, from where history ended', async () => {
    say(1, 3);

    await openAndConnect();
    say(4, 5);

    const { headers } = server.client.subscriptions.get('/topic/r1');
    assert.equal(headers['last-seq'], '3');
    assert.deepEqual(screen.seqs, oneTo(5));
    assert.equal(screen.status.state, 'open');
  });

  it('asks for everything in a room where nobody has spoken', async () => {
    await openAndConnect();

    assert.equal(server.client.subscriptions.get('/topic/r1').headers['last-seq'], '0');
  });

  it('shows what was said between history and the subscription', async () => {
    say(1, 2);
    await open();
    say(3, 4); // not connected yet
    server.client.connect();
    await settle();

    assert.deepEqual(screen.seqs, oneTo(4));
  });

  it('drops what it has shown already', async () => {
    await openAndConnect();
    say(1, 2);

    server.client.show(server.log[0]);
    server.client.show(server.log[1]);

    assert.deepEqual(screen.seqs, [1, 2]);
  });

  it('fills a gap by subscribing again after the last seq it has seen', async () => {
    await openAndConnect();
    say(1, 2);
    server.post('other', 'lost', { show: false });

    server.post('other', 'n4');
    await settle();

    assert.deepEqual(screen.seqs, oneTo(4));
  });

  it('accepts a hole that the server itself answers with, and does not ask for ever', async () => {
    await openAndConnect();
    // seqs 1 and 2 are gone for good
    server.client.show({ seq: 3, memberId: 'other', type: 'TEXT' });
    server.client.show({ seq: 4, memberId: 'other', type: 'TEXT' });

    assert.deepEqual(screen.seqs, [3, 4]);
  });

  it('loads older pages in front, without a double or a hole', async () => {
    say(1, 120);
    await openAndConnect();
    assert.equal(room.hasOlder, true);

    await Promise.all([room.loadOlder(), room.loadOlder()]);
    await room.loadOlder();

    assert.deepEqual(screen.seqs, oneTo(120));
    assert.equal(room.hasOlder, false);
    assert.equal(room.lastSeq, 120);
  });

  it('is entered without its history where that alone is away, which can be asked for later', async () => {
    const { history } = server;
    mock.method(console, 'warn', () => {});
    server.history = async () => {
      throw new Problem({ status: 503, detail: 'Older messages cannot be reached now.' });
    };
    say(1, 70);
    await open();
    assert.equal(screen.status.state, 'waiting'); // it may have been a moment
    await later();
    server.client.connect();
    await settle();

    assert.deepEqual(screen.seqs, []);
    assert.equal(room.hasOlder, true);
    server.post('other', 'live');
    await assert.rejects(room.loadOlder(), /cannot be reached/);
    assert.deepEqual(screen.seqs, [71]);

    server.history = history;
    await room.loadOlder();
    await room.loadOlder();
    assert.deepEqual(screen.seqs, oneTo(71));
    assert.equal(room.hasOlder, false);
  });

  it('can ask for history before anything is said', async () => {
    const { history } = server;
    mock.method(console, 'warn', () => {});
    server.history = async () => {
      throw new Problem({ status: 503, detail: 'Older messages cannot be reached now.' });
    };
    say(1, 3);
    await open();
    await later();
    server.history = history;

    await room.loadOlder();

    assert.deepEqual(screen.seqs, [1, 2, 3]);
    assert.equal(room.lastSeq, 3);
  });

  it('goes on at once with what can be had where what came before cannot, and loads that later', async () => {
    const { history } = server;
    say(1, 20);
    await openAndConnect();
    server.client.drop(1006);
    say(21, 90);
    server.border = 70;
    server.history = async () => {
      throw new Problem({ status: 503, detail: 'Older messages cannot be reached now.' });
    };
    await later();
    server.client.connect();
    await settle();

    assert.deepEqual(screen.seqs, oneTo(90).slice(70));
    assert.deepEqual(room.messages.map(({ seq }) => seq), oneTo(90).slice(70));
    assert.equal(room.lastSeq, 90);
    assert.equal(room.hasOlder, true);
    say(91, 91);
    assert.equal(screen.seqs.at(-1), 91);
    await assert.rejects(room.loadOlder(), /cannot be reached/);

    server.history = history;
    await room.loadOlder();
    await room.loadOlder();
    assert.deepEqual(screen.seqs, oneTo(91));
    assert.equal(room.hasOlder, false);
  });

  it('keeps a bounded number of messages and can load the others again', async () => {
    await openAndConnect();

    say(1, 1001);

    assert.equal(room.messages.length, 800);
    assert.equal(screen.seqs[0], 202);
    assert.equal(room.hasOlder, true);
    await room.loadOlder();
    assert.equal(screen.seqs[0], 152);
  });

  it('drops nothing that one reads, and all above the limit when one is back at the end', async () => {
    say(1, 2000);
    await openAndConnect();
    while (room.hasOlder) await room.loadOlder();

    say(2001, 2010);
    assert.deepEqual(screen.seqs, oneTo(2010));

    room.read(2010);
    say(2011, 2011);
    assert.equal(room.messages.length, 800);
    assert.equal(screen.seqs[0], 1212);
  });

  it('does not go back without end', async () => {
    say(1, 6000);
    await openAndConnect();
    await assert.rejects(async () => {
      while (room.hasOlder) await room.loadOlder();
    }, { slug: 'too-far-back' });
    assert.equal(room.messages.length, 5000);

    say(6001, 6001);
    assert.equal(room.messages.length, 4800);
    assert.equal(room.messages[0].seq, 1202);
  });
});

describe('writing', () => {
  it('shows a message as pending, then once as part of the room', async () => {
    await openAndConnect();
    server.mute = true;
    room.send('hello');
    assert.deepEqual(screen.pending.map(({ text, state }) => [text, state]), [['hello', 'pending']]);

    const [stored] = server.log;
    server.client.receipts.get(server.sends[0].receipt)({ headers: { seq: '1' } });
    assert.equal(screen.pending[0].state, 'sent');
    assert.deepEqual(screen.seqs, [], 'a receipt is not the message');
    server.client.show(stored);

    assert.deepEqual(screen.pending, []);
    assert.deepEqual(screen.seqs, [1]);
  });

  it('does not mind the message coming before its receipt', async () => {
    await openAndConnect();
    room.send('hello'); // the fake shows it, then receipts it

    assert.deepEqual(screen.pending, []);
    assert.deepEqual(screen.seqs, [1]);
  });

  it('knows its message by the receipt where the message carries no key', async () => {
    await openAndConnect();
    server.mute = true;
    room.send('hello');
    const { idempotencyKey, ...bare } = server.log[0];
    server.client.show(bare);
    assert.equal(screen.pending.length, 1);

    server.client.receipts.get(server.sends[0].receipt)({ headers: { seq: '1' } });

    assert.deepEqual(screen.pending, []);
    assert.deepEqual(screen.seqs, [1]);
  });

  it('keeps what is written without a connection and sends it in order', async () => {
    await open();
    ['a', 'b', 'c'].forEach((text) => room.send(text));
    assert.equal(server.sends.length, 0);

    server.client.connect();
    await settle();

    assert.deepEqual(server.log.map(({ comment }) => comment), ['a', 'b', 'c']);
    assert.deepEqual(screen.pending, []);
  });

  it('sends again under the same key after a lost connection: stored once, shown once', async () => {
    await openAndConnect();
    server.mute = true;
    room.send('hello');
    server.client.drop(1006);
    server.mute = false;
    await later();
    server.client.connect();
    await settle();

    assert.deepEqual(server.sends.map(({ key }) => key), [server.sends[0].key, server.sends[0].key]);
    assert.equal(server.log.length, 1);
    assert.deepEqual(screen.seqs, [1]);
    assert.deepEqual(screen.pending, []);
  });

  it('marks a refused message, and a retry uses its key', async () => {
    await openAndConnect();
    server.refuse = { status: 400, detail: 'No such thing.' };
    room.send('hello');
    const [{ key, state, why }] = screen.pending;
    assert.deepEqual([state, why], ['failed', 'No such thing.']);

    server.refuse = null;
    room.retry(key);

    assert.deepEqual(server.sends.map((send) => send.key), [key, key]);
    assert.deepEqual(screen.pending, []);
    assert.deepEqual(screen.seqs, [1]);
  });

  it('does not send a failed message by itself, and can forget it', async () => {
    await openAndConnect();
    server.refuse = { status: 400, detail: 'No.' };
    room.send('hello');
    server.client.drop(1012);
    await later(0);
    server.client.connect();
    assert.equal(server.sends.length, 1);

    room.discard(screen.pending[0].key);

    assert.deepEqual(screen.pending, []);
  });

  it('sends again what is refused for a while, as late as it is told and in order', async () => {
    await openAndConnect();
    server.refuse = { status: 429, detail: 'You are too fast.' };
    server.retryAfter = 7;
    const sent = room.send('a');
    server.refuse = null;
    room.send('b');
    await later(6_900);
    assert.deepEqual(screen.pending.map(({ state }) => state), ['pending', 'pending']);
    assert.equal(server.sends.length, 1);

    await later(100);

    assert.deepEqual(server.log.map(({ comment }) => comment), ['a', 'b']);
    assert.deepEqual(await sent, { seq: 1 });
    assert.deepEqual(screen.pending, []);
  });

  it('holds up no text with a picture', async () => {
    await openAndConnect();
    server.hold = true;
    room.send('look', 'i1');
    room.send('and', 'i2');
    server.hold = false;
    room.send('hello');

    assert.deepEqual(server.sends.map(({ comment }) => comment), ['look', 'hello']);
    assert.deepEqual(screen.pending.map(({ text, state }) => [text, state]), [['look', 'pending'], ['and', 'pending']]);
  });

  it('goes on with text while pictures are refused for a while', async () => {
    await openAndConnect();
    server.refuse = { status: 503, detail: 'Pictures cannot be reached now.' };
    room.send('look', 'i1');
    server.refuse = null;
    room.send('hello');
    assert.deepEqual(screen.pending.map(({ text, state }) => [text, state]), [['look', 'pending']]);

    await later();

    assert.deepEqual(server.log.map(({ comment }) => comment), ['hello', 'look']);
  });

  /** Two are written, and the first is refused while it is on its way. @param {object} problem */
  async function refusedOnItsWay(problem) {
    await openAndConnect();
    server.hold = true;
    room.send('a');
    room.send('b');
    server.hold = false;
    server.client.give('/user/queue/errors', { 'receipt-id': server.sends[0].receipt }, problem);
  }

  it('lets none overtake one that is refused for a while', async () => {
    await refusedOnItsWay({ status: 429, detail: 'You are too fast.' });
    await later(1_000);

    assert.deepEqual(server.log.map(({ comment }) => comment), ['a', 'b']);
    assert.deepEqual(screen.pending, []);
  });

  it('goes on with the next when one is refused for good', async () => {
    await refusedOnItsWay({ status: 400, detail: 'No.' });

    assert.deepEqual(server.log.map(({ comment }) => comment), ['b']);
    assert.deepEqual(screen.pending.map(({ text, state }) => [text, state]), [['a', 'failed']]);
  });

  it('sends again what nobody answers', async () => {
    await openAndConnect();
    server.mute = true;
    const sent = room.send('hello');
    server.mute = false;
    await later(20_000);
    await later(1_000);

    assert.deepEqual(server.sends.map(({ key }) => key), [server.sends[0].key, server.sends[0].key]);
    assert.deepEqual(await sent, { seq: 1 });
    assert.equal(server.log.length, 1);
  });

  it('does not send again for ever, nor wait for longer than a person does', async () => {
    await openAndConnect();
    server.refuse = { status: 503, detail: 'Away.' };
    const sent = room.send('hello');
    for (let i = 0; i < 20; i++) await later();

    assert.equal(server.sends.length, 8);
    assert.deepEqual([screen.pending[0].state, screen.pending[0].why], ['failed', 'Away.']);
    await assert.rejects(sent, { status: 503 });

    server.retryAfter = 61;
    await assert.rejects(room.send('world'), { status: 503 });
  });

  it('keeps nobody waiting for a message of a room that is let go', async () => {
    await open();
    const sent = room.send('hello');
    room.abandon();

    await assert.rejects(sent, { slug: 'abandoned' });
  });

  it('keeps nobody waiting for a message of a closed room that takes none', async () => {
    const { room: tell } = server;
    server.room = async () => {
      throw new Problem({ status: 404, detail: 'No such room.' });
    };
    arrive();
    const sent = room.send('hello');
    room.close();
    server.room = tell;

    await assert.rejects(sent, { status: 404 });
  });

  it('has a limit on what is on its way', async () => {
    await open();
    for (let i = 0; i < 20; i++) room.send(String(i));

    assert.throws(() => room.send('one more'), { status: 429 });
  });

  it('tells a problem that belongs to no message, and stops when we are no longer a member', async () => {
    await openAndConnect();
    server.client.give('/user/queue/errors', {}, { status: 503, detail: 'Slow today.' });
    assert.deepEqual(screen.notices, ['Slow today.']);

    server.client.give('/user/queue/errors', {}, { status: 403, detail: 'You left this room.', instance: '/topic/r1' });

    assert.deepEqual(screen.status, { state: 'stopped', why: 'You left this room.' });
    assert.deepEqual([...server.client.subscriptions.keys()], ['/user/queue/errors']);
  });
});
