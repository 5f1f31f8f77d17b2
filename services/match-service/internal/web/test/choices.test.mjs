import { afterEach, beforeEach, describe, it } from 'node:test';
import assert from 'node:assert/strict';
import { Choices, MAX_ALSO } from '../static/choices.js';

const waits = (/** @type {object} */ more = {}) => ({ state: 'waiting', movieId: 'heat', movieIds: ['heat'], joinedAt: 'now', ...more });
/** @type {Map<string, string>} */
let stored;
/** @type {any} */
let queue;
/** @type {[string, string[]|undefined][]} */
let asked;

beforeEach(() => {
  stored = new Map();
  globalThis.localStorage = /** @type {any} */ ({ getItem: (/** @type {string} */ k) => stored.get(k) ?? null, setItem: (/** @type {string} */ k, /** @type {string} */ v) => stored.set(k, v) });
  asked = [];
  queue = {
    state: waits(),
    join: async (/** @type {string} */ movieId, /** @type {string[]} */ also) => void asked.push([movieId, also]),
  };
});
afterEach(() => void Reflect.deleteProperty(globalThis, 'localStorage'));

describe('second choices', () => {
  it('are asked for with the first, and shown before the server counts them', async () => {
    const choices = new Choices(queue);
    await choices.toggle('alien');
    await choices.toggle('jaws');

    assert.deepEqual(asked, [['heat', ['alien']], ['heat', ['alien', 'jaws']]]);
    assert.deepEqual(choices.also, ['alien', 'jaws']);
    assert.deepEqual(choices.markOf('alien'), ['also', 'remove']);
    assert.deepEqual(choices.markOf('heat'), ['first', '']);
    assert.deepEqual(choices.markOf('other'), ['', 'add']);
  });

  it('are all kept when they are tapped faster than the server answers', async () => {
    const choices = new Choices(queue);
    await Promise.all([choices.toggle('alien'), choices.toggle('jaws')]);

    assert.deepEqual(asked.at(-1), ['heat', ['alien', 'jaws']]);
    assert.deepEqual(choices.also, ['alien', 'jaws']);
  });

  it('can be taken back', async () => {
    const choices = new Choices(queue);
    await choices.toggle('alien');
    await choices.toggle('alien');

    assert.deepEqual(asked.at(-1), ['heat', []]);
    assert.deepEqual(choices.also, []);
  });

  it('survive a reload, as long as the wait is the same', async () => {
    await new Choices(queue).toggle('alien');

    assert.deepEqual(new Choices(queue).also, ['alien']);
    queue.state = waits({ joinedAt: 'later' });
    assert.deepEqual(new Choices(queue).also, []);
  });

  it('are also those that only the server knows: another device asked for them', () => {
    queue.state = waits({ movieIds: ['heat', 'jaws'] });

    assert.deepEqual(new Choices(queue).also, ['jaws']);
  });

  it('are as many as the server takes', async () => {
    const choices = new Choices(queue);
    for (let i = 0; i < MAX_ALSO; i++) await choices.toggle(`film-${i}`);

    assert.deepEqual(choices.markOf('one-more'), ['', '']);
    assert.deepEqual(choices.markOf('film-0'), ['also', 'remove']);
  });

  it('stay as they were where the server refuses', async () => {
    queue.join = async () => {
      throw new Error('too fast');
    };
    const choices = new Choices(queue);

    await assert.rejects(choices.toggle('alien'), /too fast/);
    assert.deepEqual(choices.also, []);
    queue.join = async () => {};
    await choices.toggle('jaws');
    assert.deepEqual(choices.also, ['jaws'], 'the next one is not held up');
  });

  it('are nothing to who does not wait', () => {
    queue.state = { state: 'idle' };
    const choices = new Choices(queue);

    assert.deepEqual([choices.also, choices.markOf('alien')], [[], ['', '']]);
  });
});
