import { afterEach, beforeEach, it, mock } from 'node:test';
import assert from 'node:assert/strict';

globalThis.addEventListener ??= () => {}; // attention.js waits for a first gesture
const { tell } = await import('../static/frame.js');
const { News } = await import('../static/news.js');

const WAITING = { state: 'waiting', movieId: 'heat-1995', movieIds: ['heat-1995'], waiting: 4, seats: 6, place: 1, joinedAt: '', seated: [] };
const MATCHED = { state: 'matched', room: { roomId: 'r1', seats: [] } };
let told, queue, news;

beforeEach(() => {
  mock.timers.enable({ apis: ['setTimeout'] });
  told = { textContent: '' };
  const banner = { textContent: '', replaceChildren() {} };
  globalThis.document = /** @type {any} */ ({ getElementById: (id) => ({ told, banner })[id] });
  queue = { state: WAITING, entering: false };
  news = new News({
    stage: /** @type {any} */ ({ place: '#/waiting', screen: { trouble() {} } }), films: /** @type {any} */ ({ of: () => null }),
    queue: () => queue, go() {}, warm() {},
  });
  news.state(WAITING);
});
afterEach(() => {
  delete globalThis.document;
  mock.timers.reset();
});

const comesBack = () => {
  news.trouble({ kind: 'lost' });
  news.trouble(null);
};
const matched = () => news.state(queue.state = MATCHED);

it('tells who comes back that the seat was kept, while one waits', () => {
  comesBack();
  assert.equal(told.textContent, 'You are back. We kept your seat.');
  news.state({ ...WAITING, waiting: 5 });
  assert.equal(told.textContent, 'You are back. We kept your seat.');

  matched();

  assert.equal(told.textContent, '');
});

it('leaves alone what was told since', () => {
  comesBack();
  tell('You left the room.');

  matched();

  assert.equal(told.textContent, 'You left the room.');
});
