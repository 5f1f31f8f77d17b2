import { describe, it } from 'node:test';
import assert from 'node:assert/strict';
import { moves, rowOf } from '../static/rowofsix.js';

const people = (/** @type {string} */ letters) => [...letters].map((letter) => ({ memberId: letter, nickname: letter.toUpperCase() }));
const row = (/** @type {string} */ letters, /** @type {string} */ me) => rowOf(people(letters), me).map(({ nickname, me: mine }) => (mine ? `*${nickname}` : nickname)).join('');

describe('the row', () => {
  it('sits people as they came', () => {
    assert.equal(row('abc', 'c'), 'AB*C');
  });

  it('has six seats, one of them ours, however many wait', () => {
    assert.equal(row('abcdefgh', 'b'), 'A*BCDEF');
    assert.equal(row('abcdefgh', 'h'), 'ABCDE*H');
  });
});

describe('what is announced', () => {
  it('is who came and who went', () => {
    assert.deepEqual(moves(people('ab'), people('bcd'), 'x'), { came: ['C', 'D'], went: ['A'] });
  });

  it('is nothing about oneself, and nothing where nobody moved', () => {
    assert.deepEqual(moves(people('a'), people('ax'), 'x'), { came: [], went: [] });
    assert.deepEqual(moves(people('abc'), people('cba'), 'x'), { came: [], went: [] });
  });
});
