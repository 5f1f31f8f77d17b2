import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import assert from 'node:assert/strict';
import { decode, encode, headersOf } from '../static/console/frame.js';
import { fits, Journal, MAX, textOf } from '../static/console/journal.js';
import { Wire } from '../static/console/wire.js';

const octets = (text) => new TextEncoder().encode(text);

describe('frames', () => {
  /** @type {import('../static/console/frame.js').Frame} */
  const frame = { command: 'SEND', headers: [['a:b', 'c\\d\ne'], ['seq', '1']], body: '영화\n' };

  for (const version of /** @type {const} */ (['1.1', '1.2'])) {
    it(`${version}: what is encoded is decoded`, () => {
      assert.deepEqual(decode(octets(encode(frame, version)), version), [frame]);
    });
  }

  it('1.0 escapes nothing, and CONNECT never', () => {
    assert.equal(encode({ command: 'SEND', headers: [['a', 'b:c\\']], body: '' }, '1.0'), 'SEND\na:b:c\\\n\n\0');
    assert.equal(encode({ command: 'CONNECT', headers: [['a', 'b:c']], body: '' }, '1.2'), 'CONNECT\na:b:c\n\n\0');
  });

  it('a body with NUL is as long as content-length says, in octets', () => {
    const [first, second] = decode(octets('MESSAGE\ncontent-length:7\n\n영\0화\0\nRECEIPT\n\n\0'), '1.2');
    assert.equal(first.body, '영\0화');
    assert.equal(second.command, 'RECEIPT');
  });

  it('a line feed alone is a heart-beat, and what is cut short is shown as far as it came', () => {
    assert.deepEqual(decode(octets('\n'), '1.2'), [{ command: '', headers: [], body: '' }]);
    assert.deepEqual(decode(octets('SEND\na:b\n\ncut'), '1.2'), [{ command: 'SEND', headers: [['a', 'b']], body: 'cut' }]);
    assert.deepEqual(decode(octets('SEN'), '1.2'), [{ command: 'SEN', headers: [], body: '' }]);
  });

  it('headers are read one a line, wrong ones as well', () => {
    assert.deepEqual(headersOf('a:b:c\n\nnothing\n :x'), [['a', 'b:c'], ['nothing', ''], [' ', 'x']]);
  });
});

describe('the journal', () => {
  it('keeps the newest', () => {
    const journal = new Journal();
    for (let i = 1; i <= MAX + 5; i++) journal.add('in', { command: 'MESSAGE', headers: [], body: String(i) }, 1);
    assert.equal(journal.entries.length, MAX);
    assert.equal(journal.entries.at(-1).n, MAX + 5);
    journal.clear();
    assert.deepEqual(journal.entries, []);
  });

  it('keeps no token', () => {
    const { frame } = new Journal().add('out', { command: 'CONNECT', headers: [['Authorization', 'Bearer abcdefghij'], ['passcode', 'abcdefghij']], body: '' }, 9);
    assert.equal(textOf(frame), 'CONNECT\nAuthorization:Bearer …\npasscode:…\n\n^@');
  });

  it('is filtered by text, direction and kind', () => {
    const entry = new Journal().add('in', { command: 'MESSAGE', headers: [['seq', '7']], body: '{"comment":"Hi"}' }, 9);
    /** @type {import('../static/console/journal.js').Filter} */
    const all = { text: '', direction: '', heartbeats: false };
    assert.ok(fits(entry, all));
    assert.ok(fits(entry, { ...all, text: 'hi' }));
    assert.ok(fits(entry, { ...all, text: 'SEQ:7', direction: 'in' }));
    assert.ok(!fits(entry, { ...all, text: 'nowhere' }));
    assert.ok(!fits(entry, { ...all, direction: 'out' }));
    const beat = new Journal().add('in', { command: '', headers: [], body: '' }, 1);
    assert.ok(!fits(beat, all));
    assert.ok(fits(beat, { ...all, heartbeats: true }));
  });
});

describe('the wire', () => {
  /** @type {any} */
  let socket;
  let told, wire;
  class FakeSocket {
    readyState = 1;
    sent = [];
    constructor(url, protocols) {
      Object.assign(this, { url, protocols });
      socket = this;
    }

    send(data) {
      this.sent.push(data);
    }

    close() {
      this.readyState = 3;
    }
  }

  beforeEach(() => {
    mock.timers.enable({ apis: ['setInterval', 'Date'] });
    globalThis.location = /** @type {any} */ ({ host: 'sixseat.test' });
    told = [];
    wire = new Wire('ws://sixseat.test/chat/ws', {
      frame: (direction, { command }) => told.push(`${direction} ${command}`),
      state: (state) => told.push(state),
      closed: (code) => told.push(`closed ${code}`),
      silent: (ms) => told.push(`silent ${ms}`),
    }, /** @type {any} */ (FakeSocket));
    wire.connect({ token: 'T', version: '1.1', out: 5000, in: 4000 });
    socket.onopen();
  });
  afterEach(() => {
    mock.timers.reset();
    delete globalThis.location;
  });

  it('connects with the version, the heart-beats and the token that were chosen', () => {
    assert.deepEqual(socket.protocols, ['v11.stomp']);
    assert.deepEqual(socket.sent, ['CONNECT\naccept-version:1.1\nhost:sixseat.test\nheart-beat:5000,4000\nAuthorization:Bearer T\n\n\0']);
    assert.deepEqual(told, ['opening', 'open', 'out CONNECT']);
  });

  it('keeps the heart-beats that were agreed, and says when the server does not', () => {
    socket.onmessage({ data: octets('CONNECTED\nheart-beat:3000,10000\n\n\0').buffer });
    told.length = 0;
    mock.timers.tick(12_000);
    mock.timers.tick(12_000);
    assert.deepEqual(told, ['out ', 'out ', 'silent 24000']);
  });

  it('tells how it ended, once, and is silent afterwards', () => {
    socket.onmessage({ data: 'CONNECTED\nheart-beat:0,5000\n\n\0' });
    socket.onclose({ code: 1002, reason: '' });
    wire.drop();
    mock.timers.tick(60_000);
    assert.deepEqual(told.slice(3), ['connected', 'in CONNECTED', 'closed', 'closed 1002']);
  });

  it('sends anything, as it is', () => {
    wire.sendText('NONSENSE', true);
    assert.deepEqual(socket.sent.at(-1), octets('NONSENSE'));
    assert.equal(told.at(-1), 'out NONSENSE');
  });
});
