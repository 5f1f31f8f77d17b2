// Six seats that fill.

import { h } from './dom.js';
import { line } from './line.js';
import { seatRow } from './seats.js';

/**
 * @param {import('./app.js').App} app
 * @returns {import('./app.js').Screen}
 */
export function waiting(app) {
  const title = h('h1', { tabindex: '-1' }, '…');
  const news = line({ role: 'status' });
  const trouble = line({ role: 'status' });
  const error = line();
  const seats = seatRow('The six seats');
  const cancel = h('button', { class: 'quiet', onclick: () => leave() }, 'Stop waiting');

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
    news.say(matched ? 'Six of six. The doors open…' : describe(state));
  };
  const node = h('section', { class: 'waitingroom' },
    h('p', { class: 'over' }, 'Waiting for'), title,
    h('div', { class: 'screen', 'aria-hidden': 'true' }),
    seats.node, news.node, trouble.node, error.node, cancel,
    h('p', { class: 'hint' }, 'Leave this page open. When six are here, your room opens by itself.'));
  return { node, title: 'Waiting', update, trouble: trouble.say };
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
  const parts = [missing === 0 ? 'All are here; a moment…' : `${count} of ${seats} are here, ${missing} to go.`];
  if (place > 1) parts.push(`You are number ${place} in line.`);
  if (etaSeconds) parts.push(etaSeconds < 60 ? 'Less than a minute to go.' : `About ${Math.round(etaSeconds / 60)} min to go.`);
  return parts.join(' ');
}
