// The settings, in a dialog: language, colours, what a match does, and who one is.

import { h } from './dom.js';
import { choose, setting } from './settings.js';
import { LANGUAGES, t } from './words.js';

/** @typedef {import('./settings.js').Name} Name */

/**
 * Opens the settings; each holds as soon as it is chosen.
 * @param {string} [nickname] of who is signed in
 * @param {() => void} [somebodyElse] asks whether to become somebody else
 */
export function openMenu(nickname, somebodyElse = () => {}) {
  const dialog = h('dialog', { class: 'menu', 'aria-labelledby': 'menu-title', onclose: () => dialog.remove() });
  const leave = () => {
    dialog.close();
    somebodyElse();
  };
  const fill = () => dialog.replaceChildren(content(nickname, leave, () => {
    fill(); // in the other language
    /** @type {HTMLElement} */ (dialog.querySelector('[name=language]:checked')).focus();
  }));
  // A click beside the dialog lands on the dialog itself, not on what is in it.
  dialog.addEventListener('click', (event) => event.target === dialog && dialog.close());
  fill();
  document.body.append(dialog);
  dialog.showModal();
}

/** @param {string|undefined} nickname @param {() => void} leave @param {() => void} languageChosen */
function content(nickname, leave, languageChosen) {
  return h('form', { method: 'dialog' },
    h('h2', { id: 'menu-title' }, t('settings.title')),
    oneOf('language', t('settings.language'), LANGUAGES, languageChosen),
    oneOf('theme', t('settings.theme'), {
      system: t('settings.theme.system'), light: t('settings.theme.light'), dark: t('settings.theme.dark'),
    }),
    h('fieldset', {}, h('legend', {}, t('settings.match')),
      onOff('sound', t('settings.sound')), onOff('blink', t('settings.blink'))),
    nickname ? h('p', { class: 'whoami' },
      h('span', { dir: 'auto' }, t('settings.youAre', { nickname })),
      h('button', { class: 'link', type: 'button', onclick: leave }, t('settings.else'))) : null,
    h('button', { class: 'primary' }, t('settings.close')));
}

/** @param {Name} name @param {string} label @param {Record<string, string>} choices @param {() => void} [then] */
function oneOf(name, label, choices, then = () => {}) {
  const chosen = (/** @type {string} */ value) => {
    choose(name, value);
    then();
  };
  return h('fieldset', { class: 'choice' }, h('legend', {}, label),
    ...Object.entries(choices).map(([value, text]) => h('label', { lang: name === 'language' && value },
      h('input', { type: 'radio', name, value, checked: setting(name) === value, onchange: () => chosen(value) }),
      h('span', {}, text))));
}

/** @param {Name} name @param {string} label */
function onOff(name, label) {
  const box = h('input', {
    type: 'checkbox', name, role: 'switch', checked: setting(name), onchange: () => choose(name, box.checked),
  });
  return h('label', { class: 'switch' }, h('span', {}, label), box);
}
