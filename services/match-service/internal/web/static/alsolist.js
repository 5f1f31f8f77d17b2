// Second choices in the waiting room: seen, and taken back.

import { MAX_ALSO } from './choices.js';
import { h } from './dom.js';
import { t } from './words.js';

/**
 * @param {import('./app.js').App} app
 * @param {{say: (text: string) => void, show: (error: unknown) => void}} error where it is said that it did not work
 */
export function alsoList(app, error) {
  const list = h('ul', { role: 'list' });
  const more = h('a', { href: '#/films' });
  const none = h('p', { class: 'hint' }, t('also.hint'));
  more.addEventListener('click', (event) => {
    event.preventDefault();
    app.go('#/films'); // with what was looked for last
  });
  const title = h('h2', { id: 'also-title', tabindex: '-1' }, t('also.title'));
  const node = h('section', { class: 'alsochoices', 'aria-labelledby': 'also-title' }, title, none, list, more);

  const remove = async (/** @type {string} */ movieId) => {
    error.say('');
    try {
      await app.choices.toggle(movieId);
      title.focus(); // the button that had it is gone
    } catch (problem) {
      error.show(problem);
    }
    update();
  };
  let shown = '';
  const update = () => {
    const films = app.choices.also.map((movieId) => ({ movieId, title: app.films.of(movieId)?.title ?? '…' }));
    const next = JSON.stringify(films);
    if (next !== shown) list.replaceChildren(...films.map((film) => entry(film, remove)));
    shown = next;
    more.textContent = t(films.length > 0 ? 'also.more' : 'also.add');
    more.hidden = films.length >= MAX_ALSO;
  };
  return { node, update };
}

/** @param {{movieId: string, title: string}} film @param {(movieId: string) => void} remove */
const entry = ({ movieId, title }, remove) => h('li', { 'data-movie': movieId },
  h('span', {}, title),
  h('button', { class: 'quiet', 'aria-label': t('also.remove', { title }), onclick: () => remove(movieId) }, '×'));
