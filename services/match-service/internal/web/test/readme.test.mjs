// The README's program, as it stands there, against a small server in memory: what it
// imports and calls is what there is.
import { it, mock } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { FakeWebSocket, speak } from './wire.mjs';
import { settle } from './fakes.mjs';

const ROOM = { roomId: 'r1', movieId: 'pulp-fiction-1994', title: 'Pulp Fiction', createdAt: '2024-07-25T10:10:00.000Z', lastSeq: 1 };
const SEATS = [{ seat: 1, memberId: 'm1', nickname: 'ada' }];
const MEMBER = { memberId: 'm1', nickname: 'ada', token: 'token', expiresAt: '2999-01-01T00:00:00.000Z' };
const ENTER = { roomId: 'r1', seq: 1, messageId: 'x', memberId: 'm1', type: 'ENTER', comment: '', createdBy: 'ada', createdAt: ROOM.createdAt };
const ANSWERS = {
  'POST /match/members': MEMBER,
  'PUT /match/queue': { state: 'waiting', movieId: ROOM.movieId, movieIds: [ROOM.movieId], waiting: 5, place: 5, seats: 6, joinedAt: ROOM.createdAt, seated: SEATS },
  'GET /match/queue/events': `event: state\ndata: ${JSON.stringify({ state: 'matched', room: { ...ROOM, seats: SEATS }, seat: 1, generation: 1, ticket: 'ticket' })}\n\n`,
  'POST /chat/rooms': { ...ROOM, seats: SEATS, members: [] },
  'GET /chat/rooms/r1': { ...ROOM, seats: SEATS, members: [] },
  'GET /chat/rooms/r1/messages?limit=50': { items: [ENTER], hasMore: false },
  'DELETE /chat/rooms/r1/members/me': null,
};

it('the program of the README does what it says', async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const program = /```js\n(.*?)```/s.exec(readme)?.[1] ?? '';
  const asked = [];
  const printed = [];
  mock.method(console, 'log', (line) => printed.push(line));
  mock.method(console, 'info', () => {});
  mock.method(globalThis, 'fetch', async (url, { method = 'GET' }) => {
    const call = `${method} ${url.replace('http://127.0.0.1:8080', '')}`;
    asked.push(call);
    assert.ok(call in ANSWERS, `an unexpected call: ${call}`);
    const answer = ANSWERS[call];
    if (typeof answer === 'string') return new Response(answer);
    return answer ? Response.json(answer) : new Response(null, { status: 204 });
  });
  // ws is not installed here, and the module has another place than the README.
  const here = program.replace("from 'ws'", `from '${new URL('./ws.mjs', import.meta.url)}'`)
    .replace("'./static/", `'${new URL('../static/', import.meta.url)}`);
  assert.notEqual(here, program);

  await import(`data:text/javascript,${encodeURIComponent(here)}`);
  await settle();

  assert.deepEqual(asked, Object.keys(ANSWERS));
  assert.deepEqual(printed.filter((line) => line.includes('ada') || line.includes('stored')),
    ['1 ada: ', '2 ada: Hello, who likes Pulp Fiction?', 'stored as 2']);
  const [socket] = FakeWebSocket.all;
  assert.equal(socket.url, 'ws://127.0.0.1:8080/chat/ws');
  assert.equal(speak(socket.sent[0]).headers.Authorization, 'Bearer token');
  assert.equal(socket.readyState, 3, 'the program ends');
  mock.restoreAll();
});
