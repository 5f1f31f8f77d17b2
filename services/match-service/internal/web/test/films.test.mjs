import { it, mock } from 'node:test';
import assert from 'node:assert/strict';
import { Films } from '../static/films.js';
import { settle } from './fakes.mjs';

const heat = { movieId: 'heat', title: 'Heat', waiting: 0 };

it('asks once for a film it does not know, and tells when it has come', async () => {
  const asked = mock.fn(async () => heat);
  const told = mock.fn();
  const films = new Films(asked, told);

  assert.equal(films.of('heat'), null);
  assert.equal(films.of('heat'), null);
  await settle();

  assert.equal(films.of('heat'), heat);
  assert.deepEqual([asked.mock.callCount(), told.mock.callCount()], [1, 1]);
});

it('does not ask for what the wall has shown', () => {
  const asked = mock.fn(async () => heat);
  const films = new Films(asked, () => {});
  films.know(heat);

  assert.equal(films.of('heat'), heat);
  assert.equal(asked.mock.callCount(), 0);
});

it('asks again after it could not be told', async () => {
  mock.method(console, 'warn', () => {});
  const asked = mock.fn(async () => heat);
  asked.mock.mockImplementationOnce(async () => {
    throw new Error('away');
  });
  const films = new Films(asked, () => {});

  films.of('heat');
  await settle();
  films.of('heat');
  await settle();

  assert.equal(films.of('heat'), heat);
});
