// Six seats that fill.

import { h } from './dom.js';
import { line } from './line.js';
import { seatRow } from './seats.js';
import { t } from './words.js';

/**
 * @param {import('./app.js').App} app
 * @returns {import('./app.js').Screen}
 */
export function waiting(app) {
  const title = h('h1', { tabindex: '-1' }, '…');
  const news = line({ role: 'status' });
  const trouble = line({ role: 'status' });
  const error = line();
  const seats = seatRow(t('waiting.seats'));
  const cancel = h('button', { class: 'quiet', onclick: () => leave() }, t('waiting.stop'));

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
  const update = (state) => {
    const matched = state.state === 'matched';
    cancel.hidden = matched;
    title.textContent = matched ? state.room.title : app.titleOf(state.movieId);
    seats.fill(inOrder(matched ? state.room.seats : state.seated, app.api.member?.memberId));
    news.say(matched ? t('waiting.matched') : describe(state));
  };
  const node = h('section', { class: 'waitingroom' },
    h('p', { class: 'over' }, t('waiting.for')), title,
    h('div', { class: 'screen', 'aria-hidden': 'true' }),
    seats.node, news.node, trouble.node, error.node, cancel,
    h('p', { class: 'hint' }, t('waiting.hint')));
  return { node, title: t('waiting.window'), update, trouble: trouble.say };
}

/** At most six, oneself among them, also where more than six wait. */
function inOrder(people, me) {
  const sitting = people.map(({ memberId, nickname }) => ({ nickname, me: memberId === me }));
  return sitting.slice(0, 6).some((person) => person.me)
    ? sitting
    : [...sitting.slice(0, 5), ...sitting.filter((person) => person.me)];
}

function describe({ waiting: count, seats, place, etaSeconds }) {
  const missing = Math.max(0, seats - count);
  const parts = [missing === 0 ? t('waiting.full') : t('waiting.missing', { n: count, seats, missing })];
  if (place > 1) parts.push(t('waiting.place', { n: place }));
  if (etaSeconds) parts.push(etaSeconds < 60 ? t('waiting.soon') : t('waiting.minutes', { n: Math.round(etaSeconds / 60) }));
  return parts.join(' ');
}
