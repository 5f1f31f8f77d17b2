// The first screen: who are you?

import { h } from './dom.js';
import { line } from './line.js';

/**
 * @param {{api: import('./sixseat.js').Api, signedUp: () => void, why?: string}} app
 * @returns {import('./app.js').Screen}
 */
export function welcome({ api, signedUp, why }) {
  const error = line({ id: 'nickname-error', labels: { nickname: 'The nickname' } });
  const input = h('input', {
    id: 'nickname', name: 'nickname', required: true, autocomplete: 'nickname', autocapitalize: 'off',
    spellcheck: 'false', 'aria-describedby': 'nickname-hint nickname-error',
  });
  const button = h('button', { class: 'primary' }, 'Come in');

  const submit = async (event) => {
    event.preventDefault();
    button.disabled = true;
    error.say('');
    try {
      await api.signUp(input.value);
      signedUp();
    } catch (problem) {
      error.show(problem);
      input.focus();
    } finally {
      button.disabled = false;
    }
  };
  const node = h('section', { class: 'welcome' },
    h('h1', { tabindex: '-1' }, 'Pick a film, meet five people, talk.'),
    h('p', {}, 'Choose a film. When six are waiting for it, the lights go down and the six of you get a room.'),
    h('form', { onsubmit: submit, novalidate: true },
      h('label', { for: 'nickname' }, 'Your nickname'),
      h('div', { class: 'row' }, input, button),
      h('p', { class: 'hint', id: 'nickname-hint' }, '1 to 20 characters. The other five will see it.'),
      error.node));
  if (why) error.say(why);
  return { node, title: 'Welcome', focus: input };
}
