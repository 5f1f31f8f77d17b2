// webstomp-client, which never escapes, finds frames by NUL alone and splits at 16 KiB.
'use strict';

const { test, describe } = require('node:test');
const assert = require('node:assert/strict');
const webstomp = require('webstomp-client');
const { world, socketURL, WebSocket, Inbox, text } = require('./world.js');

const room = world.rooms[1];
const [ann, ben] = room.members;
const topic = `/topic/${room.roomId}`;
const pub = `/pub/chat/${room.roomId}`;

/** Connects a client of a member; receipts, ERROR and the end are in its inboxes. */
async function connect(t, member, options = {}) {
  const client = webstomp.client(socketURL, { debug: false, ...options });
  t.after(() => client.ws.terminate());
  const connected = new Inbox();
  client.receipts = new Inbox();
  client.ends = new Inbox();
  client.onreceipt = (frame) => client.receipts.put(frame);
  client.connect({ Authorization: `Bearer ${member.token}` }, (frame) => connected.put(frame), (end) => {
    connected.put(end);
    client.ends.put(end);
  });
  const frame = await connected.take('CONNECTED');
  assert.equal(frame.command, 'CONNECTED');
  return { client, frame };
}

async function subscribe(client, destination, headers = {}) {
  const inbox = new Inbox();
  client.subscribe(destination, (m) => inbox.put(m), { ...headers, receipt: 'sub' });
  assert.equal((await client.receipts.take('RECEIPT to SUBSCRIBE')).headers['receipt-id'], 'sub');
  return inbox;
}

async function say(client, comment, headers = {}) {
  client.send(pub, text(comment), { ...headers, receipt: 'say' });
  return client.receipts.take('RECEIPT to SEND');
}

describe('webstomp-client', () => {
  test('offers the lowest subprotocol first and gets the highest', async (t) => {
    const { client, frame } = await connect(t, ann);
    assert.equal(client.ws.protocol, 'v12.stomp');
    assert.equal(frame.headers.version, '1.2');
    assert.equal(frame.headers['heart-beat'], '10000,10000');
  });

  for (const version of ['1.0', '1.1', '1.2']) {
    test(`says, hears, drops the line and resumes in ${version}`, async (t) => {
      const options = { protocols: [`v${version.replace('.', '')}.stomp`] };
      const { client: a, frame } = await connect(t, ann, options);
      assert.equal(frame.headers.version, version);
      const { client: b } = await connect(t, ben);
      const heard = await subscribe(a, topic);
      const receipt = await say(b, 'hello: 안녕 👋');
      const message = await heard.take('MESSAGE');
      assert.equal(message.headers.seq, receipt.headers.seq);
      assert.equal(message.headers['message-id'], receipt.headers['message-id']);
      assert.equal(JSON.parse(message.body).comment, 'hello: 안녕 👋');

      a.ws.terminate();
      for (let i = 0; i < 3; i += 1) await say(b, `missed ${i}`);
      const { client: again } = await connect(t, ann, options);
      const resumed = await subscribe(again, topic, { 'last-seq': receipt.headers.seq });
      await say(b, 'live');
      for (let i = 1; i <= 4; i += 1) {
        assert.equal(Number((await resumed.take('MESSAGE')).headers.seq), Number(receipt.headers.seq) + i);
      }
      assert.equal(resumed.size, 0, 'nothing came twice');
    });
  }

  test('sends binary', async (t) => {
    const { client } = await connect(t, ann, { binary: true });
    const heard = await subscribe(client, topic);
    await say(client, 'octets');
    assert.equal(JSON.parse((await heard.take('MESSAGE')).body).comment, 'octets');
  });

  test('a frame that it splits is refused for its size alone', async (t) => {
    const { client } = await connect(t, ann);
    const refused = await subscribe(client, '/user/queue/errors');
    client.send(pub, text('x'.repeat(40_000)), { receipt: 'long' }); // three WebSocket messages
    const problem = await refused.take('problem');
    assert.equal(problem.headers['receipt-id'], 'long');
    assert.equal(JSON.parse(problem.body).errors[0].field, 'comment');
  });

  test('a room of others: ERROR, then close 1002', async (t) => {
    const { client } = await connect(t, ann);
    client.subscribe(`/topic/${world.rooms[0].roomId}`, () => {}, { receipt: 'r' });
    const error = await client.ends.take('ERROR');
    assert.equal(error.command, 'ERROR');
    assert.equal(error.headers['receipt-id'], 'r');
    assert.equal(JSON.parse(error.body).status, 400);
    assert.equal((await client.ends.take('close')).code, 1002);
  });

  test('disconnect says goodbye and closes at once', async (t) => {
    const { client } = await connect(t, ann);
    const closed = new Inbox();
    client.ws.addEventListener('close', (event) => closed.put(event));
    client.disconnect();
    await closed.take('close');
    assert.equal(client.ws.readyState, WebSocket.CLOSED);
  });
});
