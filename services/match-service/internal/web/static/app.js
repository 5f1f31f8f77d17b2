// Who is here, and which screen is shown.

import { roomOf } from './banner.js';
import { Choices } from './choices.js';
import { ask, closeDialogs } from './dom.js';
import { Films } from './films.js';
import { find, label, setTitle, tell } from './frame.js';
import { lobby } from './lobby.js';
import { openMenu } from './menu.js';
import { News } from './news.js';
import { readable } from './readable.js';
import { applySettings, onChoice } from './settings.js';
import { Sixseat } from './sixseat.js';
import { NOWHERE, Stage } from './stage.js';
import { waiting } from './waiting.js';
import { welcome } from './welcome.js';
import { t } from './words.js';

/** @typedef {import('./stage.js').Screen} Screen */

const sixseat = new Sixseat();
const { api } = sixseat;
const stage = new Stage();
const films = new Films((movieId) => api.movie(movieId), () => news.show());
const news = new News({ stage, films, queue: () => queue, go, warm: () => sixseat.warm() });
const queue = sixseat.queue({
  onState: (state) => news.state(state), onSeated: (room) => news.seated(room), onTrouble: (trouble) => news.trouble(trouble),
});
const choices = new Choices(queue);

let lobbyHash = '#/films'; // of the lobby, with what was looked for last
let whose = ''; // member id: the rooms and the socket are theirs

/** What screens may do with the rest of the page. */
const app = { sixseat, api, queue, films, choices, go, lookFor, tell, wait, setTitle };
/** @typedef {typeof app} App */

applySettings();
onChoice((name) => name === 'language' && inOtherWords());
find('settings').addEventListener('click', () => openMenu(api.member?.nickname, somebodyElse));
api.onSignedOut((problem) => start(readable(problem)));
window.addEventListener('hashchange', () => route());
window.addEventListener('offline', () => queue.cut());
window.addEventListener('online', () => api.member && resume());
document.addEventListener('visibilitychange', () => !document.hidden && api.member && resume());
window.addEventListener('storage', () => (api.member?.memberId ?? '') !== whose && start()); // another tab is somebody else now
start();
window.addEventListener('load', () => chatScreen().catch((problem) => console.warn('loaded with the first room instead', problem)));

/** From the beginning: signed in or not. @param {string} [why] */
function start(why) {
  queue.close();
  news.forget();
  become(api.member?.memberId ?? '');
  label(api.member);
  stage.place = NOWHERE;
  if (!api.member) return stage.show(NOWHERE, welcome({ api, signedUp: () => start(), why }));
  sixseat.sendUnsent();
  if (location.hash !== '#/waiting') route();
  void resume().then(() => stage.place === NOWHERE && route()); // only now is it known whether anybody waits
}

/** Nothing of the member before is left: no room that would send with the new token, no question, no address. @param {string} memberId */
function become(memberId) {
  if (whose && memberId !== whose) {
    sixseat.close();
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
  route();
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
  sixseat.wake();
  try {
    await queue.wake();
  } catch (problem) {
    if (api.member) tell(readable(problem)); // else the first screen says it already
  }
}

/** @param {string} hash '#/films' leads to what was looked for last */
function go(hash) {
  const to = hash === '#/films' ? lobbyHash : hash;
  if (location.hash === to) route();
  else location.hash = to;
}

/** Typing is no journey: back leads to where one came from. @param {string} hash of the lobby */
function lookFor(hash) {
  lobbyHash = hash;
  history.replaceState(null, '', hash);
}

function route() {
  if (!api.member) return;
  const [path] = location.hash.split('?');
  const roomId = roomOf(path);
  if (roomId) void enterRoom(path, roomId);
  else if (path === '#/waiting' && news.waiting) enter(path, () => waiting(app));
  else {
    lobbyHash = path === '#/films' ? location.hash : '#/films';
    enter('#/films', () => lobby(app));
  }
  news.refreshBanner();
}

/** The first sight does without the chat, which is at hand a moment later. */
function chatScreen() {
  return import('./chat.js');
}

/** @param {string} path @param {string} roomId */
async function enterRoom(path, roomId) {
  try {
    const { chat } = await chatScreen();
    if (location.hash === path) enter(path, () => chat(app, roomId));
    news.refreshBanner();
  } catch (problem) {
    tell(readable(problem));
  }
}

/** @param {string} path @param {() => Screen} make */
function enter(path, make) {
  news.goesTo(path);
  stage.enter(path, make, news.waiting ? queue.state : undefined);
}

/** One tap on a film: waits for it, or leads to where one waits already. @param {import('./films.js').Film} film */
async function wait(film) {
  const { state, movieId } = queue.state;
  if (state === 'waiting' && movieId === film.movieId) return go('#/waiting');
  if (state === 'waiting') {
    const question = t('app.moveQuestion', { from: films.of(movieId)?.title ?? t('app.yourFilm'), to: film.title });
    if (!(await ask(question, t('app.moveYes'))) || queue.entering) return; // six may have come meanwhile
  }
  films.know(film);
  tell('');
  await queue.join(film.movieId);
  if (news.waiting) go('#/waiting');
}
