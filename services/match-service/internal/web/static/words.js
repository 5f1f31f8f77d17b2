// Words of the page in the language of the person. Screens hold no text of their own:
// they ask t() for it. It knows no DOM; settings.js remembers the choice.

import { en } from './words/en.js';
import { ko } from './words/ko.js';

/** @typedef {string | Partial<Record<Intl.LDMLPluralRule, string>>} Entry a text, or one for each plural form of `n` */

/** @type {Record<string, Record<string, Entry>>} */
export const WORDS = { en: { ...en }, ko: { ...ko } };

/** What each language calls itself. */
export const LANGUAGES = { en: 'English', ko: '한국어' };

/** Words of a part that comes later, or is a page of its own. @param {Record<string, Record<string, Entry>>} more by language */
export function addWords(more) {
  for (const [code, entries] of Object.entries(more)) Object.assign(WORDS[code], entries);
}

let current = 'en';
let plurals = new Intl.PluralRules(current);

/** @returns {string} the language of now, as in <html lang> */
export const language = () => current;

/** @param {string} code one of LANGUAGES */
export function setLanguage(code) {
  if (!Object.hasOwn(LANGUAGES, code)) throw new RangeError(`no words for ${code}`);
  current = code;
  plurals = new Intl.PluralRules(code);
}

/**
 * The first of the person's languages that we speak.
 * @param {readonly string[]} wanted as navigator.languages
 * @returns {string}
 */
export function bestLanguage(wanted) {
  const primary = wanted.map((tag) => tag.toLowerCase().split('-')[0]);
  return primary.find((code) => Object.hasOwn(LANGUAGES, code)) ?? 'en';
}

/**
 * The text of a key, with {name} replaced by values.name; `n` also chooses the plural form.
 * @param {string} key
 * @param {Record<string, string|number>} [values]
 * @returns {string}
 */
export function t(key, values = {}) {
  const entry = WORDS[current][key];
  if (entry === undefined) throw new RangeError(`no words for "${key}"`);
  const text = typeof entry === 'string' ? entry : entry[plurals.select(Number(values.n))] ?? entry.other ?? '';
  return text.replace(/\{(\w+)\}/g, (_, name) => shown(values[name]));
}

/** @param {string} key @returns {boolean} */
export const hasWords = (key) => Object.hasOwn(WORDS[current], key);

/** Names in a row, as the language joins them. @param {string[]} names */
export const listed = (names) => new Intl.ListFormat(current).format(names);

/** @param {string|number|undefined} value */
const shown = (value) => (typeof value === 'number' ? value.toLocaleString(current) : String(value ?? ''));

/**
 * A moment as people write it.
 * @param {Date|string|number} moment
 * @param {Intl.DateTimeFormatOptions} options
 */
export const when = (moment, options) => new Intl.DateTimeFormat(current, options).format(new Date(moment));
