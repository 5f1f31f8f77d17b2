// Which screen is shown, and what the queue's news lead to.

import { h } from './dom.js';
import { readable } from './readable.js';
import { openMenu } from './menu.js';
import { applySettings, onChoice } from './settings.js';
import { t } from './words.js';
import { Sixseat } from './sixseat.js';
import { welcome } from './welcome.js';
import { lobby } from './lobby.js';
import { waiting } from './waiting.js';
import { chat } from './chat.js';

/**
 * @typedef {object} Screen
 * @property {HTMLElement} node
 * @property {string} title of the window
 * @property {HTMLElement} [focus] where the focus goes; the heading if it is not said
 * @property {(state: object) => void} [update] with each queue state
 * @property {(text: string) => void} [trouble] with what the queue has to tell
 * @property {() => void} [close]
 */

const TOLD = 12_000; // ms; long enough to be read slowly

const REASONS = {
  expired: 'app.expired',
  'seat-given-away': 'app.seatGivenAway',
};

const sixseat = new Sixseat();
const { api } = sixseat;
const queue = sixseat.queue({
  onState,
  onSeated,
  onTrouble: (trouble) => (screen?.trouble ?? tell)(trouble ? inWords(trouble) : ''),
});

const find = (id) => document.getElementById(id);
const titles = new Map(); // film titles by id
let screen = null;
let telling; // timer
const NOWHERE = '#'; // location.hash is never that
let place = NOWHERE; // the hash that `screen` stands for

/** What screens may do with the rest of the page. */
const app = { sixseat, api, queue, go, tell, wait, titleOf, setTitle };
/** @typedef {typeof app} App */

applySettings();
frame();
onChoice((name) => name === 'language' && inOtherWords());
find('settings').addEventListener('click', () => openMenu());
api.onSignedOut((problem) => start(readable(problem)));
window.addEventListener('hashchange', () => route());
window.addEventListener('online', () => api.member && resume());
document.addEventListener('visibilitychange', () => !document.hidden && api.member && resume());
start();

/** From the beginning: signed in or not. */
function start(why) {
  queue.close();
  const member = api.member;
  find('films').hidden = !member;
  if (!member) return show(NOWHERE, welcome({ api, signedUp: () => start(), why }));
  place = NOWHERE;
  sixseat.sendUnsent();
  if (location.hash !== '#/waiting') route();
  void resume().then(() => place === NOWHERE && route()); // only now is it known whether anybody waits
}

/** @param {import('./sixseat/queue.js').Trouble} trouble */
function inWords(trouble) {
  if (trouble.kind === 'lost') return t('waiting.lost');
  return trouble.kind === 'door' ? t('waiting.door', { why: readable(trouble.problem) }) : readable(trouble.problem);
}

/** The words around all screens. */
function frame() {
  find('films').textContent = t('app.films');
  find('settings').textContent = t('app.settings');
}

/** Another language: the screen is made anew, at the same place. */
function inOtherWords() {
  frame();
  tell('');
  if (place === NOWHERE) return start();
  place = NOWHERE;
  route();
}

async function resume() {
  sixseat.wake();
  try {
    await queue.wake();
  } catch (problem) {
    if (problem.status !== 401) tell(readable(problem)); // a 401 has led to the first screen already
  }
}

/** @param {string} hash */
function go(hash) {
  if (location.hash === hash) route();
  else location.hash = hash;
}

function route() {
  if (!api.member) return;
  const [, kind, id] = location.hash.split('/');
  if (location.hash === place) return;
  if (kind === 'rooms' && id) show(location.hash, chat(app, decodeURIComponent(id)));
  else if (kind === 'waiting' && isWaiting()) show(location.hash, waiting(app));
  else if (place !== '#/films') show('#/films', lobby(app));
  showBanner();
}

const isWaiting = () => queue.state.state === 'waiting' || queue.entering;

function show(hash, next) {
  screen?.close?.();
  screen = next;
  place = hash;
  find('screen').replaceChildren(next.node);
  setTitle(next.title);
  if (next.update && isWaiting()) next.update(queue.state);
  (next.focus ?? next.node.querySelector('h1')).focus({ preventScroll: true });
  window.scrollTo(0, 0);
}

/** @param {string} text */
function setTitle(text) {
  document.title = `${text} · Sixseat`;
}

/** Something to tell that belongs to no field. @param {string} text */
function tell(text) {
  clearTimeout(telling);
  find('told').textContent = text;
  telling = setTimeout(() => (find('told').textContent = ''), TOLD);
}

/** @param {{movieId: string, title: string}} film */
async function wait(film) {
  titles.set(film.movieId, film.title);
  tell('');
  await queue.join(film.movieId);
  if (isWaiting()) go('#/waiting');
}

/** The title, or a placeholder until it is known. @param {string} movieId */
function titleOf(movieId) {
  if (!titles.has(movieId)) {
    titles.set(movieId, t('app.yourFilm'));
    api.movie(movieId).then(
      (film) => {
        titles.set(movieId, film.title);
        onState(queue.state);
      },
      (problem) => console.warn('the title stays unknown', problem),
    );
  }
  return titles.get(movieId);
}

function onState(state) {
  showBanner();
  if (isWaiting()) {
    screen?.update?.(state);
    if (screen?.update && state.state === 'waiting') setTitle(t('waiting.count', { n: state.waiting, seats: state.seats }));
    return;
  }
  if (REASONS[state.reason]) tell(t(REASONS[state.reason]));
  if (place === '#/waiting') go('#/films');
}

/** Six are together: who was watching the seats goes in; who is in another room is told. */
function onSeated({ roomId, title }) {
  const hash = `#/rooms/${encodeURIComponent(roomId)}`;
  if (!place.startsWith('#/rooms/') || place === hash) return go(hash);
  find('banner').replaceChildren(h('a', { href: hash }, t('app.roomOpen', { title })));
}

/** While one looks at something else: how the waiting goes. */
function showBanner() {
  const { state, movieId, waiting: count, seats } = queue.state;
  const elsewhere = state === 'waiting' && place !== '#/waiting' && place !== NOWHERE;
  find('banner').replaceChildren(
    ...(elsewhere ? [h('a', { href: '#/waiting' }, t('app.waitingElsewhere', { title: titleOf(movieId), n: count, seats }))] : []));
}
