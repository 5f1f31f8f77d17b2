// A cinema before the film: a screen, and six seats that fill.

import { compose } from './composition.js';
import { h } from './dom.js';
import { line } from './line.js';
import { moves, rowOf } from './rowofsix.js';
import { alsoList } from './alsolist.js';
import { seatRow } from './seats.js';
import { listed, t } from './words.js';

/** @typedef {import('./sixseat/contract.d.ts').State} State */

/**
 * @param {import('./app.js').App} app
 * @returns {import('./app.js').Screen}
 */
export function waiting(app) {
  const title = h('h1', { tabindex: '-1' }, '…');
  const over = h('p', { class: 'over' }, t('waiting.for'));
  const screen = h('div', { class: 'silver' }, over, title);
  const seats = seatRow(t('waiting.seats'));
  const news = line({ role: 'status' });
  const who = h('p', { class: 'unseen', role: 'status' });
  const trouble = line({ role: 'status' });
  const error = line();
  const also = alsoList(app, error);
  const cancel = h('button', { class: 'quiet', onclick: () => leave() }, t('waiting.stop'));
  /** @type {import('./rowofsix.js').Person[]|undefined} */
  let before;

  const leave = async () => {
    cancel.disabled = true;
    try {
      await app.queue.cancel(); // the news of it leads back to the films
    } catch (problem) {
      error.show(problem);
    } finally {
      cancel.disabled = false;
    }
  };
  const project = (/** @type {import('./films.js').Film|null} */ film) => {
    title.textContent = film?.title ?? t('app.yourFilm');
    if (!film) return;
    const { palette, size } = compose(film);
    Object.assign(screen.dataset, { palette, size: String(size) });
  };
  const announce = (/** @type {import('./rowofsix.js').Person[]} */ people, /** @type {string|undefined} */ me) => {
    const { came, went } = moves(before ?? people, people, me);
    before = people;
    who.textContent = [
      came.length > 0 && t('waiting.came', { n: came.length, names: listed(came) }),
      went.length > 0 && t('waiting.went', { n: went.length, names: listed(went) }),
    ].filter(Boolean).join(' ') || who.textContent;
  };
  const update = (/** @type {State} */ state) => {
    if (state.state === 'idle') return; // another screen is on its way
    const matched = state.state === 'matched';
    const people = matched ? state.room.seats : state.seated;
    const me = app.api.member?.memberId;
    cancel.hidden = matched;
    also.node.hidden = matched;
    node.classList.toggle('full', matched);
    project(app.films.of(matched ? state.room.movieId : state.movieId));
    seats.fill(rowOf(people, me));
    announce(people, me);
    app.setTitle(t('waiting.count', { n: matched ? people.length : state.waiting, seats: matched ? people.length : state.seats }));
    news.say(matched ? t('waiting.matched') : describe(state));
    also.update();
  };
  const node = h('section', { class: 'waitingroom' },
    screen, h('div', { class: 'beam', 'aria-hidden': 'true' }),
    seats.node, who, news.node, trouble.node, error.node,
    h('p', { class: 'hint' }, t('waiting.hint')), cancel, also.node);
  return { node, title: t('waiting.window'), update, trouble: trouble.say };
}

/** @param {import('./sixseat/contract.d.ts').Waiting} state */
function describe({ waiting: count, seats, place, etaSeconds }) {
  const missing = Math.max(0, seats - count);
  const parts = [missing === 0 ? t('waiting.full') : t('waiting.missing', { n: missing, count, seats })];
  if (place > 1) parts.push(t('waiting.place', { n: place }));
  if (etaSeconds) parts.push(etaSeconds < 60 ? t('waiting.soon') : t('waiting.minutes', { n: Math.round(etaSeconds / 60) }));
  return parts.join(' ');
}
