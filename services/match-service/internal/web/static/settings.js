// What a person has chosen about the page, kept in this browser and put to work.

import { bestLanguage, LANGUAGES, setLanguage } from './words.js';

const KEY = 'sixseat.settings';

/** What may be chosen; the first is what holds until somebody chooses. */
const CHOICES = {
  language: () => [bestLanguage(navigator.languages ?? [navigator.language]), ...Object.keys(LANGUAGES)],
  theme: () => ['system', 'light', 'dark'],
  sound: () => [true, false],
  blink: () => [true, false],
};

/** @typedef {keyof typeof CHOICES} Name */

let chosen = read();
const listeners = new Set();

/** @param {Name} name */
export function setting(name) {
  /** @type {any[]} */
  const choices = CHOICES[name]();
  return choices.includes(chosen[name]) ? chosen[name] : choices[0];
}

/**
 * @param {Name} name
 * @param {string|boolean} value
 */
export function choose(name, value) {
  chosen = { ...chosen, [name]: value };
  try {
    localStorage.setItem(KEY, JSON.stringify(chosen));
  } catch (error) {
    console.warn('the choice cannot be kept for the next visit', error);
  }
  applySettings();
  listeners.forEach((listener) => listener(name));
}

/** @param {(name: Name) => void} listener */
export const onChoice = (listener) => void listeners.add(listener);

/** Gives the page its language and colours. */
export function applySettings() {
  setLanguage(setting('language'));
  document.documentElement.lang = setting('language');
  document.documentElement.dataset.theme = setting('theme');
}

// Another tab of this browser has chosen.
globalThis.addEventListener?.('storage', ({ key }) => {
  if (key !== KEY) return;
  const before = chosen;
  chosen = read();
  applySettings();
  for (const name of /** @type {Name[]} */ (Object.keys(CHOICES))) {
    if (before[name] !== chosen[name]) listeners.forEach((listener) => listener(name));
  }
});

function read() {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? '{}') ?? {};
  } catch (error) {
    console.warn('the kept choices cannot be read', error);
    return {};
  }
}
