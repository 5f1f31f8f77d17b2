import { afterEach, beforeEach, it, mock } from 'node:test';
import assert from 'node:assert/strict';
import { language, setLanguage } from '../static/words.js';

let stored, root, made = 0;

// Node has a navigator of its own from version 21 on.
Object.defineProperty(globalThis, 'navigator', { value: { languages: ['ko-KR', 'en'] }, configurable: true });

beforeEach(() => {
  stored = new Map();
  root = { lang: '', dataset: {} };
  globalThis.document = /** @type {any} */ ({ documentElement: root });
  globalThis.localStorage = /** @type {any} */ ({
    getItem: (/** @type {string} */ key) => stored.get(key) ?? null,
    setItem: (/** @type {string} */ key, /** @type {string} */ value) => stored.set(key, value),
  });
});
afterEach(() => {
  mock.restoreAll();
  delete globalThis.document;
  delete globalThis.localStorage;
  setLanguage('en');
});

/** The module as a page that has just been opened has it. */
const open = () => import(`../static/settings.js?${made++}`);

it("starts with the browser's language, the system's colours and everything on", async () => {
  const { applySettings, setting } = await open();
  applySettings();

  assert.deepEqual([root.lang, language(), root.dataset.theme], ['ko', 'ko', 'system']);
  assert.deepEqual([setting('sound'), setting('blink')], [true, true]);
});

it('puts a choice to work, tells it, and remembers it', async () => {
  const { choose, onChoice } = await open();
  const told = [];
  onChoice((name) => told.push(name));
  choose('language', 'en');
  choose('theme', 'dark');
  choose('sound', false);

  assert.deepEqual([root.lang, root.dataset.theme, told], ['en', 'dark', ['language', 'theme', 'sound']]);
  const next = await open();
  assert.deepEqual(['language', 'theme', 'sound', 'blink'].map(next.setting), ['en', 'dark', false, true]);
});

it('passes over what was kept and makes no sense', async () => {
  const warn = mock.method(console, 'warn', () => {});
  stored.set('sixseat.settings', '{"language":"xx","theme":7}');
  const { setting } = await open();
  assert.deepEqual([setting('language'), setting('theme')], ['ko', 'system']);

  stored.set('sixseat.settings', 'not JSON');
  assert.equal((await open()).setting('theme'), 'system');
  assert.equal(warn.mock.callCount(), 1);
});

it('lives without storage', async () => {
  mock.method(console, 'warn', () => {});
  globalThis.localStorage = /** @type {any} */ ({ getItem: () => { throw new Error('refused'); }, setItem: () => { throw new Error('refused'); } });
  const { choose, setting } = await open();
  choose('theme', 'light');

  assert.equal(setting('theme'), 'light');
});
