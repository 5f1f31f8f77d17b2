// @stomp/stompjs, as its users set it up: brokerURL, connectHeaders, onConnect.
'use strict';

const { test, describe } = require('node:test');
const assert = require('node:assert/strict');
const { Client, Versions } = require('@stomp/stompjs');
const { world, socketURL, Inbox, within, history, text } = require('./world.js');

const room = world.rooms[0];
const [ann, ben] = room.members;
const topic = `/topic/${room.roomId}`;
const pub = `/pub/chat/${room.roomId}`;

/** Connects a client of a member and ends it with the test. */
async function connect(t, member, options = {}) {
  const client = new Client({
    brokerURL: socketURL,
    connectHeaders: { Authorization: `Bearer ${member.token}` },
    reconnectDelay: 0,
    ...options,
  });
  t.after(() => client.deactivate({ force: true }));
  const connected = new Inbox();
  const { onConnect } = options;
  client.onConnect = (frame) => {
    onConnect?.call(client, frame);
    connected.put(frame);
  };
  client.onStompError = (frame) => connected.put(frame);
  client.activate();
  const frame = await connected.take('CONNECTED');
  return { client, frame, connected };
}

/** Subscribes; what comes is in the inbox once the RECEIPT is here. */
async function subscribe(client, destination, headers = {}) {
  const inbox = new Inbox();
  const receipt = `sub-${Math.random()}`;
  const ready = new Promise((resolve) => client.watchForReceipt(receipt, resolve));
  const subscription = client.subscribe(destination, (m) => inbox.put(m), { ...headers, receipt });
  await within(ready, `RECEIPT to SUBSCRIBE ${destination}`);
  return { inbox, subscription };
}

/** Publishes and resolves with the RECEIPT. */
function say(client, comment, headers = {}, options = {}) {
  const receipt = `say-${Math.random()}`;
  const told = new Promise((resolve) => client.watchForReceipt(receipt, resolve));
  client.publish({ destination: pub, body: text(comment), headers: { ...headers, receipt }, ...options });
  return within(told, `RECEIPT to SEND ${comment}`);
}

describe('stompjs', () => {
  test('says and hears, and the receipt names what is heard', async (t) => {
    const { client: a, frame } = await connect(t, ann);
    assert.equal(frame.command, 'CONNECTED');
    assert.equal(a.connectedVersion, '1.2');
    assert.equal(a.webSocket.protocol, 'v12.stomp');
    assert.equal(frame.headers['heart-beat'], '10000,10000');
    const { client: b } = await connect(t, ben);
    const { inbox } = await subscribe(b, topic);

    const receipt = await say(a, 'hello 안녕 👋', { 'idempotency-key': 'key:with\\colon' });

    const message = await inbox.take('MESSAGE');
    const body = JSON.parse(message.body);
    assert.equal(message.headers.destination, topic);
    assert.equal(message.headers['content-type'], 'application/json');
    assert.equal(message.headers.seq, receipt.headers.seq);
    assert.equal(message.headers['message-id'], receipt.headers['message-id']);
    assert.equal(body.seq, Number(receipt.headers.seq));
    assert.equal(body.comment, 'hello 안녕 👋');
    assert.equal(body.idempotencyKey, 'key:with\\colon');
    assert.equal(body.memberId, ann.memberId);
    assert.deepEqual((await history(room)).at(-1), body);

    const again = await say(a, 'another text', { 'idempotency-key': 'key:with\\colon' });
    assert.equal(again.headers.seq, receipt.headers.seq, 'a known key is answered with the first receipt');
  });

  test('reconnects by itself and resumes with last-seq', async (t) => {
    const heard = new Inbox();
    let last = 0;
    const meanwhile = new Inbox(); // holds the second connection back
    meanwhile.put('the first may connect');
    const { client: a, connected } = await connect(t, ann, {
      reconnectDelay: 10,
      beforeConnect: () => meanwhile.take('leave to connect'),
      onConnect() {
        this.subscribe(topic, (m) => {
          last = Number(m.headers.seq);
          heard.put(last);
        }, { 'last-seq': String(last) });
      },
    });
    const { client: b } = await connect(t, ben);
    const first = Number((await say(b, 'before the line broke')).headers.seq);
    for (let seq = 1; seq <= first; seq += 1) assert.equal(await heard.take('MESSAGE'), seq);

    a.forceDisconnect();
    for (let i = 1; i <= 5; i += 1) await say(b, `missed ${i}`);
    meanwhile.put('the second may connect');
    await connected.take('second CONNECTED');
    await say(b, 'after');

    for (let seq = first + 1; seq <= first + 6; seq += 1) assert.equal(await heard.take('MESSAGE'), seq);
    assert.equal(heard.size, 0, 'nothing came twice');
  });

  for (const [version, protocol] of [['1.2', 'v12.stomp'], ['1.1', 'v11.stomp'], ['1.0', 'v10.stomp']]) {
    test(`speaks STOMP ${version}`, async (t) => {
      const { client } = await connect(t, ann, { stompVersions: new Versions([version]) });
      assert.equal(client.connectedVersion, version);
      assert.equal(client.webSocket.protocol, protocol);
      const { inbox, subscription } = await subscribe(client, topic);
      await say(client, `in ${version}: \\ and "quotes" and\nlines`);
      const message = await inbox.take('MESSAGE');
      assert.equal(JSON.parse(message.body).comment, `in ${version}: \\ and "quotes" and\nlines`);
      subscription.unsubscribe({ receipt: 'gone' });
      await within(new Promise((resolve) => client.watchForReceipt('gone', resolve)), 'RECEIPT to UNSUBSCRIBE');
    });
  }

  for (const [what, options, publish] of [
    ['text in pieces', { splitLargeFrames: true, maxWebSocketChunkSize: 100 }, {}],
    ['binary in pieces', { splitLargeFrames: true, maxWebSocketChunkSize: 101, forceBinaryWSFrames: true }, {}],
    ['no content-length', {}, { skipContentLengthHeader: true }],
    ['an octet body', {}, { body: undefined, binaryBody: new TextEncoder().encode(text('영화'.repeat(1000))) }],
  ]) {
    test(`sends ${what}`, async (t) => {
      const { client } = await connect(t, ann, options);
      const { inbox } = await subscribe(client, topic);
      const long = '영화'.repeat(1000);
      await say(client, long, {}, publish);
      assert.equal(JSON.parse((await inbox.take('MESSAGE')).body).comment, long);
    });
  }

  test('a refused SEND is a problem on /user/queue/errors, and the session goes on', async (t) => {
    const { client } = await connect(t, ann);
    const { inbox } = await subscribe(client, '/user/queue/errors');
    client.publish({ destination: pub, body: text('x'.repeat(2001)), headers: { receipt: 'long' } });
    const message = await inbox.take('problem');
    const problem = JSON.parse(message.body);
    assert.equal(message.headers['receipt-id'], 'long');
    assert.equal(message.headers['content-type'], 'application/problem+json');
    assert.equal(problem.status, 400);
    assert.equal(problem.errors[0].field, 'comment');
    await say(client, 'goes on');
  });

  test('events tell who is here, who types and who has read', async (t) => {
    const { client: a } = await connect(t, ann);
    await subscribe(a, topic);
    const { client: b } = await connect(t, ben);
    const { inbox } = await subscribe(b, `${topic}/events`);
    const event = async (name, member) => {
      for (;;) {
        const found = JSON.parse((await inbox.take(`event ${name}`)).body);
        if (found.event === name && found.memberId === member.memberId) return found;
      }
    };
    assert.equal((await event('online', ann)).nickname, ann.nickname);
    a.publish({ destination: `/pub/typing/${room.roomId}` });
    await event('typing', ann);
    const { headers } = await say(a, 'typed');
    a.publish({ destination: `/pub/read/${room.roomId}`, body: JSON.stringify({ seq: Number(headers.seq) }) });
    assert.equal((await event('read', ann)).seq, Number(headers.seq));
  });

  test('a transaction is receipted with its COMMIT', async (t) => {
    const { client } = await connect(t, ann);
    const { inbox } = await subscribe(client, topic);
    const tx = client.begin();
    const first = say(client, 'first of two', { transaction: tx.id });
    const second = say(client, 'second of two', { transaction: tx.id });
    tx.commit();
    const [one, two] = await Promise.all([first, second]);
    assert.equal(Number(two.headers.seq), Number(one.headers.seq) + 1);
    assert.equal((await inbox.take('MESSAGE')).headers.seq, one.headers.seq);
    assert.equal((await inbox.take('MESSAGE')).headers.seq, two.headers.seq);
    const aborted = client.begin();
    client.publish({ destination: pub, body: text('never'), headers: { transaction: aborted.id } });
    aborted.abort();
    await say(client, 'after the abort');
    assert.equal(JSON.parse((await inbox.take('MESSAGE')).body).comment, 'after the abort');
  });

  test('acknowledges, which changes nothing', async (t) => {
    const { client } = await connect(t, ann);
    const { inbox } = await subscribe(client, topic, { ack: 'client-individual' });
    await say(client, 'one');
    const one = await inbox.take('MESSAGE');
    one.ack();
    await say(client, 'two');
    (await inbox.take('MESSAGE')).nack();
    await say(client, 'three');
    assert.equal(Number((await inbox.take('MESSAGE')).headers.seq), Number(one.headers.seq) + 2);
  });

  test('a session goes on with a new token', async (t) => {
    const { client } = await connect(t, ann);
    client.publish({ destination: '/pub/session/refresh', headers: { Authorization: `Bearer ${ann.token}`, receipt: 'fresh' } });
    await within(new Promise((resolve) => client.watchForReceipt('fresh', resolve)), 'RECEIPT to the refresh');
    await say(client, 'with a new token');
  });

  test('DISCONNECT is receipted, so that deactivate ends', async (t) => {
    const { client } = await connect(t, ann);
    await within(client.deactivate(), 'end of deactivate');
    assert.equal(client.connected, false);
  });

  for (const [what, code, status, headers, act] of [
    ['a destination that is none', 1002, 400, {}, (c) => c.publish({ destination: topic, body: text('x'), headers: { receipt: 'r' } })],
    ['a room of others', 1002, 400, {}, (c) => c.subscribe(`/topic/${world.rooms[1].roomId}`, () => {}, { receipt: 'r' })],
    ['a token that is none', 1008, 401, { Authorization: 'Bearer x' }],
    ['an expired token', 4001, 401, { Authorization: `Bearer ${world.expiredToken}` }],
  ]) {
    test(`${what}: ERROR, then close ${code}`, async (t) => {
      const closed = new Inbox();
      const errors = new Inbox();
      const { client, frame } = await connect(t, ann, {
        onWebSocketClose: (event) => closed.put(event),
        ...(act ? {} : { connectHeaders: headers }),
      });
      if (act) {
        client.onStompError = (error) => errors.put(error);
        act(client);
      } else {
        errors.put(frame);
      }
      const error = await errors.take('ERROR');
      assert.equal(error.command, 'ERROR');
      assert.ok(error.headers.message);
      assert.equal(error.headers['receipt-id'], act ? 'r' : undefined);
      assert.equal(error.headers['content-type'], 'application/problem+json');
      assert.equal(JSON.parse(error.body).status, status);
      assert.equal((await closed.take('close')).code, code);
    });
  }
});
