// Who is here, and which screen is shown.

import { Choices } from './choices.js';
import { ask, closeDialogs } from './dom.js';
import { Films } from './films.js';
import { find, label, setTitle, tell } from './frame.js';
import { openMenu } from './menu.js';
import { News } from './news.js';
import { readable } from './readable.js';
import { Rooms } from './rooms.js';
import { Router } from './router.js';
import { applySettings, onChoice } from './settings.js';
import { Visitor } from './sixseat/visitor.js';
import { NOWHERE, Stage } from './stage.js';
import { welcome } from './welcome.js';
import { t } from './words.js';

const visitor = new Visitor();
const { api } = visitor;
const rooms = new Rooms(visitor);
const stage = new Stage();
const films = new Films((movieId) => api.movie(movieId), () => news.show());
const news = new News({ stage, films, queue: () => queue, go: (hash) => router.go(hash), warm: () => rooms.warm() });
const queue = visitor.queue({
  onState: (state) => news.state(state), onSeated: (room) => news.seated(room), onTrouble: (trouble) => news.trouble(trouble),
});
const choices = new Choices(queue);
const router = new Router({ app: () => app, stage, news, rooms });

let whose = ''; // member id: the rooms and the socket are theirs

/** What screens may do with the rest of the page. */
const app = {
  api, queue, films, choices, tell, wait, setTitle,
  go: (/** @type {string} */ hash) => router.go(hash),
  lookFor: (/** @type {string} */ hash) => router.lookFor(hash),
};
/** @typedef {typeof app} App */
/** @typedef {import('./stage.js').Screen} Screen */

applySettings();
onChoice((name) => name === 'language' && inOtherWords());
find('settings').addEventListener('click', () => openMenu(api.member?.nickname, somebodyElse));
api.onSignedOut((problem) => start(readable(problem)));
window.addEventListener('hashchange', () => router.route());
window.addEventListener('offline', () => queue.cut());
window.addEventListener('online', () => api.member && resume());
document.addEventListener('visibilitychange', () => !document.hidden && api.member && resume());
window.addEventListener('storage', () => (api.member?.memberId ?? '') !== whose && start()); // another tab is somebody else now
start();
void rooms.prepare();

/** From the beginning: signed in or not. @param {string} [why] */
function start(why) {
  queue.close();
  news.forget();
  become(api.member?.memberId ?? '');
  label(api.member);
  stage.place = NOWHERE;
  if (!api.member) return stage.show(NOWHERE, welcome({ api, signedUp: () => start(), why }));
  rooms.sendUnsent();
  if (location.hash !== '#/waiting') router.route();
  void resume().then(() => stage.place === NOWHERE && router.route()); // only now is it known whether anybody waits
}

/** Nothing of the member before is left: no room that would send with the new token, no question, no address. @param {string} memberId */
function become(memberId) {
  if (whose && memberId !== whose) {
    rooms.close();
    closeDialogs('dialog');
    history.replaceState(null, '', '#/films');
  }
  whose = memberId;
}

/** Another language: the screen is made anew, at the same place. */
function inOtherWords() {
  tell('');
  if (!api.member) return start();
  label(api.member);
  stage.place = NOWHERE;
  router.route();
}

/** Gives up this member, and the rooms with it, for a new one. */
async function somebodyElse() {
  const nickname = api.member?.nickname ?? '';
  if (!(await ask(t('settings.elseQuestion', { nickname }), t('settings.elseYes')))) return;
  if (queue.state.state === 'waiting') {
    await queue.cancel().catch((problem) => console.warn('the server gives the place up later', problem));
  }
  api.member = null;
  start();
}

async function resume() {
  rooms.wake();
  try {
    await queue.wake();
  } catch (problem) {
    if (api.member) tell(readable(problem)); // else the first screen says it already
  }
}

/** One tap on a film: waits for it, or leads to where one waits already. @param {import('./films.js').Film} film */
async function wait(film) {
  const { state, movieId } = queue.state;
  if (state === 'waiting' && movieId === film.movieId) return router.go('#/waiting');
  if (state === 'waiting') {
    const question = t('app.moveQuestion', { from: films.of(movieId)?.title ?? t('app.yourFilm'), to: film.title });
    if (!(await ask(question, t('app.moveYes'))) || queue.entering) return; // six may have come meanwhile
  }
  films.know(film);
  tell('');
  await queue.join(film.movieId);
  if (news.waiting) router.go('#/waiting');
}
