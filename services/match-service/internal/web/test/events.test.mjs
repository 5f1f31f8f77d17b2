import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import assert from 'node:assert/strict';
import { EventStream } from '../static/sixseat/stream.js';
import { SseParser } from '../static/sixseat/sse.js';
import { settle } from './fakes.mjs';

function parse(...pieces) {
  const events = [];
  const parser = new SseParser((event) => events.push(event));
  pieces.forEach((piece) => parser.push(piece));
  return events;
}

describe('SseParser', () => {
  const cases = {
    'an event with a name': [['event: state\ndata: {"a":1}\n\n'], [{ event: 'state', data: '{"a":1}' }]],
    'no name means message': [['data: x\n\n'], [{ event: 'message', data: 'x' }]],
    'several data lines are joined': [['data: a\ndata: b\n\n'], [{ event: 'message', data: 'a\nb' }]],
    'only one blank after the colon goes': [['data:  a \n\n'], [{ event: 'message', data: ' a ' }]],
    'no blank after the colon': [['data:a\n\n'], [{ event: 'message', data: 'a' }]],
    'a field without a colon': [['data\n\n'], [{ event: 'message', data: '' }]],
    'comments are no events': [[': keep-alive\n\n: again\n\n'], []],
    'a comment inside an event': [['event: state\n: hm\ndata: x\n\n'], [{ event: 'state', data: 'x' }]],
    'a name without data is no event, and is forgotten': [['event: state\n\ndata: x\n\n'], [{ event: 'message', data: 'x' }]],
    'ids, retry and unknown fields are left out': [['id: 1\nretry: 5\nfoo: x\ndata: y\n\n'], [{ event: 'message', data: 'y' }]],
    'CR LF': [['event: state\r\ndata: x\r\n\r\n'], [{ event: 'state', data: 'x' }]],
    'CR alone': [['event: state\rdata: x\r\r'], [{ event: 'state', data: 'x' }]],
    'a byte order mark at the start': [['\uFEFFdata: x\n\n'], [{ event: 'message', data: 'x' }]],
    'an event that never ends is none': [['data: x\n'], []],
    'CR LF cut in the middle is one line end': [['data: x\r', '\ndata: y\r\n', '\r', '\n'], [{ event: 'message', data: 'x\ny' }]],
    'CR, LF of the same line end, then a blank line': [['data: x\r', '\n', '\n'], [{ event: 'message', data: 'x' }]],
    'empty pieces change nothing': [['data: x\r', '', '\n', '', '\n'], [{ event: 'message', data: 'x' }]],
  };
  for (const [name, [pieces, want]] of Object.entries(cases)) {
    it(name, () => assert.deepEqual(parse(...pieces), want));
  }

  it('reads the same however it is cut', () => {
    const stream = 'event: state\r\ndata: {"n":"한글 🎬"}\r\n\r\n: c\r\n\r\ndata: a\rdata: b\n\ndata: last\n\n';
    const want = parse(stream);
    assert.equal(want.length, 3);
    for (let i = 0; i <= stream.length; i++) {
      assert.deepEqual(parse(stream.slice(0, i), stream.slice(i)), want, `cut at ${i}`);
    }
    assert.deepEqual(parse(...stream), want, 'one character at a time');
  });

  it('refuses to grow without end', () => {
    assert.throws(() => parse('data: '.padEnd(300_000, 'x')), /too long/);
    assert.throws(() => parse(...Array(300).fill(`data: ${'x'.repeat(1000)}\n`)), /too long/);
  });
});

describe('EventStream', () => {
  let answers, asked, seen, stream;

  /** A response whose body we write to. */
  function streaming() {
    let controller;
    const body = new ReadableStream({ start: (c) => (controller = c) });
    const bytes = new TextEncoder();
    return {
      response: { ok: true, status: 200, headers: new Headers(), body },
      write: (text) => controller.enqueue(bytes.encode(text)),
      end: () => controller.close(),
      abort: () => controller.error(new DOMException('aborted', 'AbortError')),
    };
  }
  const refusal = (status, headers = {}) => ({
    response: new Response('{"detail":"no"}', { status, headers: { 'Content-Type': 'application/problem+json', ...headers } }),
  });

  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout', 'Date'] });
    mock.method(console, 'warn', () => {});
    answers = [];
    asked = [];
    seen = { events: [], failures: [], refused: [], tokens: [] };
    mock.method(globalThis, 'fetch', async (url, options) => {
      const answer = answers[asked.length] ?? streaming();
      answers[asked.length] = answer;
      asked.push({ url, ...options });
      options.signal.addEventListener('abort', () => answer.abort?.());
      return answer.response;
    });
  });
  afterEach(() => {
    stream.close();
    mock.timers.reset();
    mock.restoreAll();
  });

  const open = async () => {
    stream = new EventStream({
      url: '/match/queue/events',
      token: async (than) => (seen.tokens.push(than.refused), 'abc'),
      onEvent: ({ data }) => seen.events.push(data),
      onFailures: (n) => seen.failures.push(n),
      onRefused: (problem) => seen.refused.push(problem.status),
    });
    await flow();
  };
  /** Streams hand data on over real turns of the event loop, which the mocked timers leave alone. */
  const flow = async () => {
    for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve));
    await settle();
  };

  it('opens nothing when it is closed before it has its token', async () => {
    stream = new EventStream({ url: '/match/queue/events', token: async () => 'abc', onEvent() {}, onFailures() {}, onRefused() {} });
    stream.close();
    await flow();

    assert.equal(asked.length, 0);
  });

  it('sends the token as a header and hands events on', async () => {
    answers = [streaming()];
    await open();
    answers[0].write('event: state\ndata: 1\n\n');
    await flow();

    assert.equal(asked[0].headers.Authorization, 'Bearer abc');
    assert.deepEqual(seen.events, ['1']);
  });

  it('comes back at once and without a word when the server ends it after its time', async () => {
    await open();
    answers[0].write('data: 1\n\n');
    await flow();
    mock.timers.tick(30_000);
    answers[0].write(': still here\n\n');
    await flow();
    mock.timers.tick(30_000);
    answers[0].end();
    await flow();

    assert.equal(asked.length, 2);
    assert.deepEqual(seen.failures, []);
  });

  it('tries again in a moment when it is told that the network is gone, and tells when that fails', async () => {
    await open();
    answers[0].write('data: 1\n\n');
    await flow();
    answers[1] = { get response() {
      throw new TypeError('no network');
    } };

    stream.cut();
    await flow();
    mock.timers.tick(600);
    await flow();

    assert.equal(asked.length, 2);
    assert.deepEqual(seen.failures, [1, 2]);
  });

  it('pauses before it comes back to a server that sends everybody away', async () => {
    await open();
    answers[0].write('data: 1\n\n');
    answers[0].end();
    await flow();
    assert.equal(asked.length, 1);

    mock.timers.tick(600);
    await flow();

    assert.equal(asked.length, 2);
  });

  it('backs off while the server is away, counts the failures, and forgets them on success', async () => {
    answers = [refusal(503), refusal(503), streaming()];
    await open();
    for (let i = 0; i < 2; i++) {
      mock.timers.tick(30_000);
      await flow();
    }
    answers[2].write('data: 1\n\n');
    await flow();

    assert.deepEqual(seen.failures, [1, 2, 0]);
  });

  it('waits as long as it is told to', async () => {
    answers = [refusal(429, { 'Retry-After': '7' })];
    await open();
    mock.timers.tick(6_900);
    await flow();
    assert.equal(asked.length, 1);

    mock.timers.tick(100);
    await flow();

    assert.equal(asked.length, 2);
  });

  it('asks for another token when this one is refused', async () => {
    answers = [refusal(401)];
    await open();
    mock.timers.tick(600);
    await flow();

    assert.deepEqual(seen.tokens, [undefined, 'abc']);
  });

  it('gives up where it is not wanted', async () => {
    answers = [refusal(403)];
    await open();
    mock.timers.tick(60_000);
    await flow();

    assert.deepEqual(seen.refused, [403]);
    assert.equal(asked.length, 1);
  });

  it('replaces a connection that went silent', async () => {
    await open();
    answers[0].write('data: 1\n\n');
    await flow();
    mock.timers.tick(40_000);
    await flow();
    mock.timers.tick(600);
    await flow();

    assert.equal(asked[0].signal.aborted, true);
    assert.equal(asked.length, 2);
  });

  it('tells nothing after close, also what was on its way', async () => {
    await open();
    answers[0].abort = undefined; // as if the piece had arrived before the abort
    answers[0].write('data: late\n\n');
    stream.close();
    await flow();

    assert.deepEqual(seen.events, []);
  });

  it('can be woken from a pause, and stays closed when closed', async () => {
    answers = [refusal(503), refusal(503)];
    await open();
    stream.wake();
    await flow();
    assert.equal(asked.length, 2);

    stream.close();
    mock.timers.tick(60_000);
    await flow();

    assert.equal(asked.length, 2);
  });
});
