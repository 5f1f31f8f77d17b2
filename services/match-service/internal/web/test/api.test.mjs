import { afterEach, beforeEach, it, mock } from 'node:test';
import assert from 'node:assert/strict';
import { Api } from '../static/sixseat/api.js';
import { Keep } from '../static/sixseat/keep.js';
import { Problem } from '../static/sixseat/problem.js';

const HOUR = 3_600_000;
let keep, calls, answer, signedOut, api;

const member = (token, left) => ({ memberId: 'm', nickname: 'n', token, expiresAt: new Date(Date.now() + left).toISOString() });
const sitsHere = (one) => keep.write('sixseat.member', one);
const problem = (status, body = {}) =>
  new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/problem+json' } });

beforeEach(() => {
  mock.method(console, 'warn', () => {});
  keep = new Keep(null);
  sitsHere(member('old', 24 * HOUR));
  calls = [];
  signedOut = [];
  answer = () => Response.json({});
  mock.method(globalThis, 'fetch', async (path, { method, headers }) => {
    calls.push(`${method} ${path} ${headers.Authorization ?? '-'}`);
    return answer(path, headers);
  });
  api = new Api({ keep });
  api.onSignedOut((why) => signedOut.push(why));
});
afterEach(() => mock.restoreAll());

it('refreshes a token that is about to expire, once for all who ask', async () => {
  sitsHere(member('old', HOUR / 2));
  answer = () => Response.json(member('new', 24 * HOUR));

  const tokens = await Promise.all([api.token(), api.token(), api.token()]);

  assert.deepEqual(tokens, ['new', 'new', 'new']);
  assert.deepEqual(calls, ['POST /match/members/me/token Bearer old']);
  assert.equal(api.member.token, 'new');
});

it('goes on with a token that is still good while it cannot be refreshed', async () => {
  sitsHere(member('old', HOUR / 2));
  answer = () => problem(503);

  assert.equal(await api.token(), 'old');
});

it('replaces a refused token and makes the call again, once', async () => {
  answer = (path, headers) => {
    if (path.endsWith('/token')) return Response.json(member('new', 24 * HOUR));
    return headers.Authorization === 'Bearer new' ? Response.json({ state: 'idle' }) : problem(401);
  };

  assert.deepEqual(await api.queue(), { state: 'idle' });
  assert.deepEqual(calls, ['GET /match/queue Bearer old', 'POST /match/members/me/token Bearer old', 'GET /match/queue Bearer new']);
});

it('forgets a member whom the server does not know, and says so', async () => {
  answer = () => problem(401);

  await assert.rejects(api.queue(), { status: 401 });

  assert.equal(api.member, null);
  assert.equal(signedOut.length, 1);
});

it('does not forget somebody new whom another tab signed up meanwhile', async () => {
  answer = (path) => {
    if (path.endsWith('/token')) sitsHere(member('somebody new', 24 * HOUR));
    return problem(401);
  };

  await assert.rejects(api.queue(), { status: 401 });

  assert.equal(api.member.token, 'somebody new');
  assert.deepEqual(signedOut, []);
});

it('does not put a fresh token in the place of somebody new', async () => {
  sitsHere(member('old', HOUR / 2));
  answer = () => {
    sitsHere({ ...member('somebody new', 24 * HOUR), memberId: 'new' });
    return Response.json(member('fresh', 24 * HOUR));
  };

  await api.token();

  assert.equal(api.member.token, 'somebody new');
});

it('makes a Problem of everything that goes wrong', async () => {
  answer = () => new Response('<h1>Bad Gateway</h1>', { status: 502, headers: { 'Content-Type': 'text/html' } });
  await assert.rejects(api.queue(), (/** @type {Problem} */ error) => error instanceof Problem && error.temporary && /502/.test(error.message));

  answer = () => {
    throw new TypeError('fetch failed');
  };
  await assert.rejects(api.queue(), (/** @type {Problem} */ error) => error.status === 0 && error.temporary && /online/.test(error.message));
});
