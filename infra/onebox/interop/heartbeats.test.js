// Clients with their default heart-beats, who say nothing for longer than the server
// would stand silence (three times 10 s), stay connected. All wait at the same time.
'use strict';

const { test, describe } = require('node:test');
const assert = require('node:assert/strict');
const { Client } = require('@stomp/stompjs');
const webstomp = require('webstomp-client');
const { world, socketURL, WebSocket, Inbox, within, text } = require('./world.js');

const room = world.rooms[3];
const SILENCE_MS = 32_000;
const quiet = () => new Promise((resolve) => setTimeout(resolve, SILENCE_MS));
const pub = `/pub/chat/${room.roomId}`;

describe('default heart-beats', { concurrency: true }, () => {
  test('stompjs', async (t) => {
    const beats = new Inbox();
    const ends = new Inbox();
    const client = new Client({
      brokerURL: socketURL,
      connectHeaders: { Authorization: `Bearer ${room.members[0].token}` },
      onHeartbeatReceived: () => beats.put('beat'),
      onHeartbeatLost: () => ends.put('lost'),
      onWebSocketClose: () => ends.put('closed'),
    });
    t.after(() => client.deactivate({ force: true }));
    await within(new Promise((resolve) => { client.onConnect = resolve; client.activate(); }), 'CONNECTED');
    await quiet();
    assert.equal(ends.size, 0, 'it is still connected');
    assert.ok(beats.size >= 3, `${beats.size} heart-beats came`);
    const told = new Promise((resolve) => client.watchForReceipt('r', resolve));
    client.publish({ destination: pub, body: text('still here'), headers: { receipt: 'r' } });
    await within(told, 'RECEIPT');
  });

  test('webstomp-client', async (t) => {
    const ends = new Inbox();
    const receipts = new Inbox();
    const client = webstomp.client(socketURL, { debug: false });
    t.after(() => client.ws.terminate());
    client.onreceipt = (frame) => receipts.put(frame);
    await within(new Promise((resolve) => {
      client.connect({ Authorization: `Bearer ${room.members[1].token}` }, resolve, (end) => ends.put(end));
    }), 'CONNECTED');
    await quiet();
    assert.equal(ends.size, 0, 'it is still connected');
    client.send(pub, text('still here'), { receipt: 'r' });
    await receipts.take('RECEIPT');
  });

  test('a raw socket that promised heart-beats and sends none is closed', async (t) => {
    const ws = new WebSocket(socketURL, 'v12.stomp');
    t.after(() => ws.terminate());
    const beats = new Inbox();
    const closed = new Promise((resolve) => ws.on('close', resolve));
    ws.on('message', (data) => String(data) === '\n' && beats.put('beat'));
    ws.on('open', () => ws.send(`CONNECT\naccept-version:1.2\nheart-beat:10000,10000\nAuthorization:Bearer ${room.members[2].token}\n\n\0`));
    assert.equal(await within(closed, 'close'), 1002);
    assert.ok(beats.size >= 3, `${beats.size} heart-beats came, each a message of its own`);
  });
});
