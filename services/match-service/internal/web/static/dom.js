// Elements out of text. There is no way from here to innerHTML, and the page's
// Content-Security-Policy refuses it too: what people write is shown, never run.

import { t } from './words.js';

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, any>} [props] attributes; `onclick` and the like add listeners; false and null are left out
 * @param {...(Node|string|null|undefined)} children strings become text
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (value !== false && value != null) node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.filter((child) => child != null));
  return node;
}

/**
 * Asks before something that cannot be undone. A question that is overtaken is answered with no.
 * @param {string} question
 * @param {string} yes label of the button that does it
 * @returns {Promise<boolean>}
 */
export function ask(question, yes) {
  return new Promise((resolve) => {
    const dialog = h('dialog', { class: 'ask', 'aria-label': question, onclose: () => done() },
      h('form', { method: 'dialog' },
        h('p', {}, question),
        h('div', { class: 'row' },
          h('button', { class: 'quiet', value: '' }, t('ask.stay')),
          h('button', { class: 'danger', value: 'yes' }, yes))));
    const done = () => {
      dialog.remove();
      resolve(dialog.returnValue === 'yes');
    };
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** @param {string} which selector of dialogs that the page has overtaken */
export function closeDialogs(which) {
  document.querySelectorAll(which).forEach((dialog) => /** @type {HTMLDialogElement} */ (dialog).close());
}
