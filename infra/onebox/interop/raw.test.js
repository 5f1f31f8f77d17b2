// Raw WebSockets: what no library would do, and what some do under the hood.
'use strict';

const { test, describe } = require('node:test');
const assert = require('node:assert/strict');
const { world, socketURL, WebSocket, Inbox, within, text } = require('./world.js');

const room = world.rooms[2];
const [ann, ben] = room.members;

const frame = (command, headers, body = '') =>
  `${command}\n${Object.entries(headers).map(([name, value]) => `${name}:${value}\n`).join('')}\n${body}\0`;

function parse(data) {
  const [head, ...rest] = data.split('\n\n');
  const [command, ...lines] = head.split('\n');
  const headers = Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]));
  return { command, headers, body: rest.join('\n\n').replace(/\0\n*$/, '') };
}

/** Opens a socket; frames and the end are in its inboxes. */
async function open(t, protocols) {
  const ws = new WebSocket(socketURL, protocols);
  t.after(() => ws.terminate());
  ws.frames = new Inbox();
  ws.ends = new Inbox();
  ws.on('message', (data, binary) => {
    assert.equal(binary, false, 'the server answers in text');
    if (String(data) !== '\n') ws.frames.put(parse(String(data)));
  });
  ws.on('close', (code) => ws.ends.put(code));
  await within(new Promise((resolve, reject) => ws.on('open', resolve).on('error', reject)), 'open socket');
  return ws;
}

const credentials = (member, versions = '1.2') => ({ 'accept-version': versions, Authorization: `Bearer ${member.token}` });

async function connect(t, member, versions) {
  const ws = await open(t);
  ws.send(frame('CONNECT', credentials(member, versions)));
  const connected = await ws.frames.take('CONNECTED');
  assert.equal(connected.command, 'CONNECTED');
  return ws;
}

async function subscribe(ws, headers = {}) {
  ws.send(frame('SUBSCRIBE', { id: '1', destination: `/topic/${room.roomId}`, receipt: 'sub', ...headers }));
  assert.equal((await ws.frames.take('RECEIPT')).command, 'RECEIPT');
}

const send = (comment, headers = {}) => frame('SEND', { destination: `/pub/chat/${room.roomId}`, ...headers }, text(comment));

describe('raw sockets', () => {
  for (const [offered, chosen] of [
    [[], ''],
    [['v10.stomp', 'v11.stomp', 'v12.stomp'], 'v12.stomp'],
    [['v11.stomp', 'v10.stomp'], 'v11.stomp'],
    [['other', 'v10.stomp'], 'v10.stomp'],
  ]) {
    test(`of ${offered.join(', ') || 'no subprotocol'} it takes ${chosen || 'none'}`, async (t) => {
      assert.equal((await open(t, offered)).protocol, chosen);
    });
  }

  for (const [accepted, version] of [[undefined, '1.0'], ['1.0', '1.0'], ['1.0,1.1', '1.1'], ['1.2,1.0', '1.2'], ['1.1,9.9', '1.1']]) {
    test(`accept-version ${accepted} is answered with ${version}`, async (t) => {
      const ws = await open(t);
      const headers = credentials(ann, accepted);
      if (!accepted) delete headers['accept-version'];
      ws.send(frame('CONNECT', headers));
      const connected = await ws.frames.take('CONNECTED');
      assert.equal(connected.command, 'CONNECTED');
      assert.equal(connected.headers.version, version);
    });
  }

  test('no version in common: ERROR that names what there is, close 1002', async (t) => {
    const ws = await open(t);
    ws.send(frame('CONNECT', credentials(ann, '2.0')));
    const error = await ws.frames.take('ERROR');
    assert.equal(error.command, 'ERROR');
    assert.match(error.headers.version, /1\.2/);
    assert.equal(await ws.ends.take('close'), 1002);
  });

  test('STOMP is CONNECT, and the token may be the passcode', async (t) => {
    const ws = await open(t);
    ws.send(frame('STOMP', { 'accept-version': '1.2', host: 'x', login: '', passcode: ann.token }));
    assert.equal((await ws.frames.take('CONNECTED')).command, 'CONNECTED');
  });

  test('one frame in messages of one octet, text and binary by turns', async (t) => {
    const listener = await connect(t, ben);
    await subscribe(listener);
    const ws = await connect(t, ann);
    const octets = Buffer.from(send('쪼개진 메시지 🎬', { receipt: 'pieces' }));
    for (const [i, octet] of octets.entries()) {
      // A text message must be valid UTF-8 by itself, so only ASCII goes as text.
      const ascii = octet < 0x80;
      ws.send(Buffer.from([octet]), { binary: !ascii || i % 2 === 0 });
    }
    assert.equal((await ws.frames.take('RECEIPT')).headers['receipt-id'], 'pieces');
    assert.equal(JSON.parse((await listener.frames.take('MESSAGE')).body).comment, '쪼개진 메시지 🎬');
  });

  test('many frames in one message, heart-beats and CR LF between them', async (t) => {
    const ws = await connect(t, ann);
    const crlf = send('by telnet', { receipt: 'b' }).replace(/^[\s\S]*?\n\n/, (head) => head.replaceAll('\n', '\r\n'));
    ws.send(`\n${send('a', { receipt: 'a' })}\r\n\n${crlf}\n\n${send('c', { receipt: 'c' })}`);
    for (const id of ['a', 'b', 'c']) assert.equal((await ws.frames.take('RECEIPT')).headers['receipt-id'], id);
  });

  test('a resume from the beginning brings the whole history', async (t) => {
    const ws = await connect(t, ann);
    await subscribe(ws);
    ws.send(send('the last one', { receipt: 'last' }));
    const got = [await ws.frames.take('RECEIPT'), await ws.frames.take('MESSAGE')].find((f) => f.command === 'RECEIPT');
    const again = await open(t);
    again.send(frame('CONNECT', credentials(ann)));
    await again.frames.take('CONNECTED');
    again.send(frame('SUBSCRIBE', { id: '1', destination: `/sub/${room.roomId}`, 'last-seq': '0' }));
    for (let seq = 1; seq <= Number(got.headers.seq); seq += 1) {
      const message = await again.frames.take('MESSAGE');
      assert.equal(message.headers.seq, String(seq));
      assert.equal(message.headers.destination, `/sub/${room.roomId}`);
    }
  });

  for (const [what, code, octets] of [
    ['an unknown command', 1002, 'HELLO\n\n\0'],
    ['a header without a colon', 1002, 'SEND\nnonsense\n\n\0'],
    ['an escape that is none', 1002, 'SEND\ndestination:a\\tb\n\n\0'],
    ['a second CONNECT', 1002, frame('CONNECT', credentials(ann))],
    ['a last-seq that is no number', 1002, frame('SUBSCRIBE', { id: '9', destination: `/topic/${room.roomId}`, 'last-seq': '-1' })],
    ['a body above 64 KiB', 1009, frame('SEND', { destination: `/pub/chat/${room.roomId}`, 'content-length': 70_000 }, 'x'.repeat(70_000))],
  ]) {
    test(`${what}: ERROR, then close ${code}`, async (t) => {
      const ws = await connect(t, ann);
      ws.send(octets);
      const error = await ws.frames.take('ERROR');
      assert.equal(error.command, 'ERROR');
      assert.ok(error.headers.message);
      assert.equal(JSON.parse(error.body).status, code === 1009 ? 413 : 400);
      assert.equal(await ws.ends.take('close'), code);
    });
  }
});
