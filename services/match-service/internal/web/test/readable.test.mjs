import { afterEach, it, mock } from 'node:test';
import assert from 'node:assert/strict';
import { Problem } from '../static/sixseat.js';
import { readable, readableTrouble } from '../static/readable.js';
import { setLanguage } from '../static/words.js';

afterEach(() => {
  setLanguage('en');
  mock.restoreAll();
});

it('has words of its own for a type it knows, in each language', () => {
  const problem = new Problem({ status: 403, type: 'urn:sixseat:problem:forbidden', detail: 'No.' });

  assert.equal(readable(problem), 'You are not in this room, or no longer.');
  setLanguage('ko');
  assert.match(readable(problem), /방에/);
});

it('says what the server said where the type is a new one', () => {
  assert.equal(readable(new Problem({ status: 409, type: 'urn:sixseat:problem:brand-new', detail: 'All is new.' })), 'All is new.');
  assert.equal(readable(new Problem({ status: 418 })), 'The server answered 418.');
});

it('explains fields: in its own words where it has them', () => {
  const errors = [{ field: 'nickname', reason: 'is too long' }, { field: 'limit', reason: 'must be a number' }];
  const problem = new Problem({ status: 400, type: 'urn:sixseat:problem:invalid', errors });

  assert.equal(readable(problem), 'A nickname has 1 to 20 characters, without line breaks. The server did not take “limit” as it is.');
  setLanguage('ko');
  assert.equal(readable(problem), '닉네임은 줄바꿈 없이 1~20자여야 해요. 서버가 “limit” 값을 받지 않았어요.');
});

it('says what the problem is where it is more than a bad field', () => {
  const errors = [{ field: 'ticket', reason: 'has expired' }];

  assert.match(readable(new Problem({ status: 401, type: 'urn:sixseat:problem:ticket-expired', errors })), /that time is over/);
});

it('says how long to wait', () => {
  const problem = new Problem({ status: 429, type: 'urn:sixseat:problem:too-many-requests', retryAfter: 7 });

  assert.equal(readable(problem), 'That was a little too fast. Try again in 7 s.');
});

it('tells a bug of this page apart, and logs it', () => {
  const log = mock.method(console, 'error', () => {});

  assert.match(readable(new TypeError('x is undefined')), /reload/);
  assert.equal(log.mock.callCount(), 1);
});

it("says what keeps the queue: lost for a while, before a closed door, or refused", () => {
  const problem = new Problem({ status: 503, type: 'urn:sixseat:problem:unavailable' });

  assert.match(readableTrouble({ kind: 'lost' }), /place is kept/);
  assert.match(readableTrouble({ kind: 'door', problem }), /door does not open yet.*does not work right now/);
  assert.match(readableTrouble({ kind: 'problem', problem }), /^This does not work right now/);
});
