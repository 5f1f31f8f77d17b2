// The settings, in a dialog: language, colours, what a match does.

import { h } from './dom.js';
import { choose, setting } from './settings.js';
import { LANGUAGES, t } from './words.js';

/** Opens the settings; each holds as soon as it is chosen. */
export function openMenu() {
  const dialog = h('dialog', { class: 'menu', 'aria-labelledby': 'menu-title', onclose: () => dialog.remove() });
  const fill = () => dialog.replaceChildren(content(() => {
    fill(); // in the other language
    dialog.querySelector('[name=language]:checked').focus();
  }));
  // A click beside the dialog lands on the dialog itself, not on what is in it.
  dialog.addEventListener('click', (event) => event.target === dialog && dialog.close());
  fill();
  document.body.append(dialog);
  dialog.showModal();
}

function content(languageChosen) {
  return h('form', { method: 'dialog' },
    h('h2', { id: 'menu-title' }, t('settings.title')),
    oneOf('language', t('settings.language'), LANGUAGES, languageChosen),
    oneOf('theme', t('settings.theme'), {
      system: t('settings.theme.system'), light: t('settings.theme.light'), dark: t('settings.theme.dark'),
    }),
    h('fieldset', {}, h('legend', {}, t('settings.match')),
      onOff('sound', t('settings.sound')), onOff('blink', t('settings.blink'))),
    h('button', { class: 'primary' }, t('settings.close')));
}

function oneOf(name, label, choices, then = () => {}) {
  const chosen = (value) => {
    choose(name, value);
    then();
  };
  return h('fieldset', { class: 'choice' }, h('legend', {}, label),
    ...Object.entries(choices).map(([value, text]) => h('label', { lang: name === 'language' && value },
      h('input', { type: 'radio', name, value, checked: setting(name) === value, onchange: () => chosen(value) }),
      h('span', {}, text))));
}

function onOff(name, label) {
  const box = h('input', {
    type: 'checkbox', name, role: 'switch', checked: setting(name), onchange: () => choose(name, box.checked),
  });
  return h('label', { class: 'switch' }, h('span', {}, label), box);
}
