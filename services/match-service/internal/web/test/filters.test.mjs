import { describe, it } from 'node:test';
import assert from 'node:assert/strict';
import { filtersOf, hashOf, queryOf } from '../static/filters.js';

const NO_FILTERS = { q: '', genre: '', years: '', sort: '' };

describe('filters in the address', () => {
  it('come back as they went in', () => {
    for (const filters of [
      NO_FILTERS,
      { q: 'amélie & co #1?', genre: 'Thriller/Suspense', years: '1990', sort: 'rating' },
      { q: ' 괴물', genre: '', years: '2010', sort: '' },
    ]) {
      assert.deepEqual(filtersOf(hashOf(filters)), filters);
    }
  });

  it('leave a clean address where nothing is chosen', () => {
    assert.equal(hashOf(NO_FILTERS), '#/films');
    assert.deepEqual(filtersOf(''), NO_FILTERS);
    assert.deepEqual(filtersOf('#/films?'), NO_FILTERS);
  });

  it('pass over what is none of our choices', () => {
    assert.deepEqual(filtersOf('#/films?genre=Opera&years=1923&sort=votes&x=1'), NO_FILTERS);
  });
});

describe('the query', () => {
  const years = (/** @type {string} */ value) => {
    const { yearFrom, yearTo } = queryOf({ ...NO_FILTERS, years: value });
    return [yearFrom, yearTo];
  };

  it('turns a decade into its first and last year', () => {
    assert.deepEqual(years('1990'), ['1990', '1999']);
  });

  it('leaves the newest and the oldest open', () => {
    assert.deepEqual(years('2010'), ['2010', '']);
    assert.deepEqual(years('1950'), ['', '1959']);
    assert.deepEqual(years(''), ['', '']);
  });

  it('searches without the spaces around', () => {
    assert.equal(queryOf({ ...NO_FILTERS, q: '  heat ' }).q, 'heat');
  });
});
