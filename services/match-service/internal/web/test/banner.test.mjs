import { describe, it } from 'node:test';
import assert from 'node:assert/strict';
import { bannerOf, lostPlace, roomHash, roomOf } from '../static/banner.js';

/** @typedef {import('../static/sixseat/contract.d.ts').State} State */

/** @type {State} */
const WAITING = { state: 'waiting', movieId: 'heat-1995', movieIds: ['heat-1995'], waiting: 4, seats: 6, place: 1, joinedAt: '', seated: [] };
const now = (/** @type {object} */ more) => ({ queue: WAITING, place: '#/films', opened: null, title: 'Heat', ...more });

describe('the banner', () => {
  it('tells how the waiting goes while one looks at something else', () => {
    assert.deepEqual(bannerOf(now({})), {
      key: 'app.waitingElsewhere', values: { title: 'Heat', n: 4, seats: 6 }, href: '#/waiting',
    });
    assert.equal(bannerOf(now({ place: '#/rooms/r1' }))?.href, '#/waiting');
  });

  it('is silent in the waiting room, on the first screen, and when nobody waits', () => {
    assert.equal(bannerOf(now({ place: '#/waiting' })), null);
    assert.equal(bannerOf(now({ place: '' })), null);
    assert.equal(bannerOf(now({ queue: { state: 'idle' } })), null);
    assert.equal(bannerOf(now({ queue: { state: 'matched', room: {} } })), null);
  });

  it('leads to a room that opened meanwhile, before all else, until one is there', () => {
    const opened = { roomId: 'a/b', title: 'Alien' };

    assert.deepEqual(bannerOf(now({ opened, place: '#/rooms/r1' })), {
      key: 'app.roomOpen', values: { title: 'Alien' }, href: '#/rooms/a%2Fb',
    });
    assert.equal(bannerOf(now({ opened, place: '#/rooms/a%2Fb' })), null);
  });
});

describe("a room's address", () => {
  it('leads to the room', () => {
    for (const id of ['01a2', 'a/b', '방 #1?']) assert.equal(roomOf(roomHash(id)), id);
  });

  it('is none where it is cut or something else', () => {
    for (const path of ['#/rooms/%E0%A4', '#/rooms/', '#/rooms', '#/films', '']) assert.equal(roomOf(path), '', path);
  });
});

it('says why a place is gone when it goes, or when one comes back to it, and not at each look', () => {
  /** @type {State} */
  const gone = { state: 'idle', reason: 'expired' };

  assert.equal(lostPlace(gone, WAITING), 'app.expired');
  assert.equal(lostPlace({ state: 'idle', reason: 'seat-given-away' }, { state: 'matched', room: null, seat: 1, generation: 1, ticket: '' }), 'app.seatGivenAway');
  assert.equal(lostPlace(gone, undefined), 'app.expired');
  assert.equal(lostPlace(gone, gone), undefined);
  assert.equal(lostPlace({ state: 'idle', reason: 'cancelled' }, WAITING), undefined);
  assert.equal(lostPlace(WAITING, undefined), undefined);
});
