import { afterEach, describe, it } from 'node:test';
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import '../static/console/words.js';
import '../static/words/chat.js';
import { bestLanguage, LANGUAGES, setLanguage, t, when, WORDS } from '../static/words.js';

afterEach(() => setLanguage('en'));

const STATIC = new URL('../static/', import.meta.url);
const texts = (entry) => (typeof entry === 'string' ? [entry] : Object.values(entry));
const placeholders = (text) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort().join(' ');

/** All own modules but the words themselves, as one text. */
const code = readdirSync(STATIC, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.js') && !/^(vendor|words)\//.test(name))
  .map((name) => readFileSync(new URL(name, STATIC), 'utf8'))
  .join('\n');

describe('each language', () => {
  for (const language of Object.keys(LANGUAGES)) {
    it(`${language} has the same keys as English, and the same placeholders in every form`, () => {
      assert.deepEqual(Object.keys(WORDS[language]).sort(), Object.keys(WORDS.en).sort());
      for (const [key, entry] of Object.entries(WORDS[language])) {
        const [wanted] = texts(WORDS.en[key]).map(placeholders).sort((a, b) => b.length - a.length);
        for (const text of texts(entry)) {
          assert.ok(text.trim(), `${key} is empty`);
          if (typeof entry === 'string') assert.equal(placeholders(text), wanted, key);
        }
      }
    });

    it(`${language} has a text for all other numbers wherever it has plural forms`, () => {
      for (const [key, entry] of Object.entries(WORDS[language])) {
        if (typeof entry !== 'string') assert.equal(typeof entry.other, 'string', key);
      }
    });
  }
});

it('Korean leaves no particle to the reader, and joins 님 to each name', () => {
  for (const [key, entry] of Object.entries(WORDS.ko)) {
    for (const text of texts(entry)) assert.doesNotMatch(text, /\((를|가|는|와|으|이)\)|\} 님/, key);
  }
});

describe('the code', () => {
  const used = [...code.matchAll(/\bt\(\s*'([^']+)'/g)].map(([, key]) => key);
  const prefixes = [...code.matchAll(/[`]([\w.]+\.)\$\{/g)].map(([, prefix]) => prefix); // t(`sort.${name}`)

  it('uses only keys that there are', () => {
    assert.ok(used.length > 30, `found only ${used.length} uses: is the pattern right?`);
    assert.deepEqual(used.filter((key) => !Object.hasOwn(WORDS.en, key)), []);
  });

  it('uses every key that there is', () => {
    const unused = Object.keys(WORDS.en).filter((key) => !code.includes(`'${key}'`) && !prefixes.some((p) => key.startsWith(p)));
    assert.deepEqual(unused, []);
  });
});

describe('t', () => {
  it('puts values in, numbers as the language writes them', () => {
    assert.equal(t('film.count', { n: 4, seats: 6 }), '4 of 6');
    assert.equal(t('problem.retry', { n: 1234 }), 'Try again in 1,234 s.');
    setLanguage('ko');
    assert.equal(t('film.count', { n: 4, seats: 6 }), '6명 중 4명');
  });

  it('takes the plural form that n needs', () => {
    assert.equal(t('rooms.unread', { n: 1 }), '1 new message');
    assert.equal(t('rooms.unread', { n: 0 }), '0 new messages');
    setLanguage('ko');
    assert.equal(t('rooms.unread', { n: 1 }), '새 메시지 1개');
  });

  it('puts a value in as it is, also one that looks like a placeholder or a pattern', () => {
    assert.equal(t('film.by', { director: '$& {n} <b>' }), 'by $& {n} <b>');
  });

  it('refuses a key that nobody wrote words for', () => {
    assert.throws(() => t('no.such.key'), /no words/);
    assert.throws(() => setLanguage('xx'), /no words/);
  });
});

it('speaks the first of the wanted languages that it knows', () => {
  assert.equal(bestLanguage(['ko-KR', 'en']), 'ko');
  assert.equal(bestLanguage(['fr-CA', 'KO', 'en']), 'ko');
  assert.equal(bestLanguage(['en-GB', 'ko']), 'en');
  assert.equal(bestLanguage(['fr', 'constructor']), 'en');
  assert.equal(bestLanguage([]), 'en');
});

it('writes moments in the language of now', () => {
  /** @type {Intl.DateTimeFormatOptions} */
  const options = { month: 'long', day: 'numeric', timeZone: 'UTC' };
  assert.equal(when('2026-11-28T12:00:00Z', options), 'November 28');
  setLanguage('ko');
  assert.equal(when('2026-11-28T12:00:00Z', options), '11월 28일');
});
