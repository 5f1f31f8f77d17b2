// The page's client library, in Node: six members talk while the chat node is killed or
// stopped under them, ten times. Nothing is lost, nothing is doubled, all see the same.
import { createRequire } from 'node:module';
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { Sixseat } from '../../../services/match-service/internal/web/static/sixseat.js';

const WebSocket = createRequire(import.meta.url)('ws'); // by NODE_PATH, which import does not know
const { SIXSEAT_URL: url, SIXSEAT_CONTROL: control } = process.env;
const FILM = 'pulp-fiction-1994';
const ROUNDS = 10;
const CEILING = 180_000; // ms for all of it; only waited for in full when something is broken

/** The Go test does it, and answers when it is done. */
async function chat(what) {
  const answer = await fetch(`${control}/${what}`, { method: 'POST' });
  assert.equal(answer.status, 200, `${what}: ${await answer.text()}`);
}

/** One of the six, with all that their room told them. */
async function member(nickname) {
  const sixseat = new Sixseat({ url, WebSocket, storage: null });
  await sixseat.signUp(nickname);
  const me = { nickname, sixseat, seen: [], states: [], sent: [], wanted: [] };
  me.come = async () => {
    const { roomId } = await sixseat.match(FILM);
    me.room = sixseat.room(roomId, {
      messages: (messages, where) => {
        assert.equal(where, 'end');
        me.seen.push(...messages);
        me.wanted = me.wanted.filter(({ count, done }) => me.seen.length < count || done());
      },
      status: ({ state }) => {
        me.states.push(state);
        assert.notEqual(state, 'stopped');
      },
    });
  };
  me.say = (text) => {
    const sent = me.room.send(text).then(({ seq }) => ({ seq, text }));
    me.sent.push(sent);
    return sent;
  };
  me.sees = (count) => new Promise((resolve) => {
    if (me.seen.length >= count) resolve();
    else me.wanted.push({ count, done: () => void resolve() });
  });
  return me;
}

test('ten times the node goes away under six who talk', { timeout: CEILING }, async (t) => {
  console.info = () => {}; // what the library says of its reconnects
  console.warn = () => {};
  const six = await Promise.all(Array.from({ length: 6 }, (_, i) => member(`library ${i}`)));
  t.after(() => six.forEach(({ sixseat }) => sixseat.close()));
  await Promise.all(six.map((me) => me.come()));
  await Promise.all(six.map((me) => me.say(`${me.nickname} is here`)));

  for (let round = 0; round < ROUNDS; round++) {
    six.forEach((me) => me.say(`${me.nickname}, before ${round}`)); // some are on their way when it goes
    await chat(round % 2 === 0 ? 'kill' : 'stop');
    six.forEach((me) => me.say(`${me.nickname}, without a node ${round}`));
    await chat('start');
    // Twice it comes back of itself. Then the back-off has grown, as no connection lived for
    // long, and somebody presses "try now".
    if (round > 1) six.forEach(({ sixseat }) => sixseat.wake());
    six.forEach((me) => me.say(`${me.nickname}, after ${round}`));
    await Promise.all(six.flatMap(({ sent }) => sent));
  }

  const receipts = (await Promise.all(six.flatMap(({ sent }) => sent))).sort((a, b) => a.seq - b.seq);
  const last = receipts.at(-1).seq;
  assert.equal(receipts.length, 6 * (1 + 3 * ROUNDS));
  assert.equal(last, receipts.length + 6, 'stored: each message once, and six who entered');
  await Promise.all(six.map((me) => me.sees(last)));
  for (const { nickname, seen, states } of six) {
    assert.deepEqual(seen.map(({ seq }) => seq), Array.from({ length: last }, (_, i) => i + 1), nickname);
    assert.deepEqual(seen.filter(({ type }) => type === 'TEXT').map(({ seq, comment }) => ({ seq, text: comment })), receipts, nickname);
    assert.ok(states.filter((state) => state === 'open').length > ROUNDS, `${nickname} came back after each time`);
  }
});
