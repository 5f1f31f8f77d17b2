// The first screen: who are you? Behind it, what one comes for.

import { h } from './dom.js';
import { line } from './line.js';
import { sheet } from './poster.js';
import { t } from './words.js';

const POSTERS = 6;

/**
 * @param {{api: import('./sixseat.js').Sixseat['api'], signedUp: () => void, why?: string}} app
 * @returns {import('./app.js').Screen}
 */
export function welcome({ api, signedUp, why }) {
  const error = line({ id: 'nickname-error' });
  const input = h('input', {
    id: 'nickname', name: 'nickname', required: true, autocomplete: 'nickname', autocapitalize: 'off',
    spellcheck: 'false', enterkeyhint: 'go', 'aria-describedby': 'nickname-hint nickname-error',
  });
  const button = h('button', { class: 'primary' }, t('welcome.enter'));

  const submit = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    button.disabled = true;
    error.say('');
    try {
      await api.signUp(input.value);
      signedUp();
    } catch (problem) {
      error.show(problem);
      input.setAttribute('aria-invalid', 'true');
      input.focus();
    } finally {
      button.disabled = false;
    }
  };
  const wall = h('div', { class: 'wall', 'aria-hidden': 'true' });
  const node = h('section', { class: 'welcome' },
    h('div', {},
      h('h1', { tabindex: '-1' }, t('welcome.title')),
      h('p', {}, t('welcome.text')),
      h('form', { onsubmit: submit, novalidate: true },
        h('label', { for: 'nickname' }, t('welcome.nickname')),
        h('div', { class: 'row' }, input, button),
        h('p', { class: 'hint', id: 'nickname-hint' }, t('welcome.hint')),
        error.node)),
    wall);
  if (why) error.say(why);
  api.movies({ limit: POSTERS }).then(
    ({ items }) => wall.append(...items.map(sheet)),
    (problem) => console.warn('no posters behind the first screen', problem), // a decoration
  );
  return { node, title: t('welcome.window'), focus: input };
}
