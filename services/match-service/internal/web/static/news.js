// What the queue's news lead to: another screen, the banner, a word to who waits.

import { callBack } from './attention.js';
import { bannerOf, lostPlace, roomHash } from './banner.js';
import { showBanner, tell } from './frame.js';
import { readableTrouble } from './readable.js';
import { NOWHERE } from './stage.js';
import { t } from './words.js';

/** @typedef {import('./sixseat/contract.d.ts').State} State */

export class News {
  #given;
  /** @type {{roomId: string, title: string}|null} */
  #opened = null; // a room that opened while one was in another
  /** @type {State|undefined} what the queue told last */
  #before;
  #lost = false; // the queue's stream has been away for longer than a blink
  #unsayKept = () => {}; // that the seat was kept is no news once one sits in the room

  /**
   * @param {object} given
   * @param {import('./stage.js').Stage} given.stage
   * @param {import('./films.js').Films} given.films
   * @param {() => import('./sixseat/queue.js').Queue} given.queue
   * @param {(hash: string) => void} given.go
   * @param {() => void} given.warm loads what rooms need
   */
  constructor(given) {
    this.#given = given;
  }

  /** @returns {boolean} whether one waits, or is about to come in */
  get waiting() {
    const queue = this.#given.queue();
    return queue.state.state === 'waiting' || queue.entering;
  }

  /** Somebody else is here. */
  forget() {
    this.#opened = null;
    this.#before = undefined;
  }

  /** @param {State} state */
  state(state) {
    const why = lostPlace(state, this.#before);
    this.#before = state;
    if (state.state !== 'waiting') this.#unsayKept();
    if (why) tell(t(why));
    this.show();
  }

  /** Shows the state of now, also where only the name of a film has come. */
  show() {
    const { stage, queue, warm, go } = this.#given;
    this.refreshBanner();
    if (stage.place === NOWHERE) return; // the first news comes before the first screen
    if (this.waiting || stage.place !== '#/waiting') stage.screen?.update?.(queue().state);
    if (this.waiting) return warm();
    if (stage.place === '#/waiting') go('#/films');
  }

  /** Six are together: who was watching the seats goes in; who is in another room is told. @param {{roomId: string, title: string}} room */
  seated(room) {
    const { stage, go } = this.#given;
    callBack(t('app.together'));
    const hash = roomHash(room.roomId);
    if (!stage.place.startsWith('#/rooms/') || stage.place === hash) return go(hash);
    this.#opened = room;
    this.refreshBanner();
  }

  /** @param {import('./sixseat/queue.js').Trouble|null} trouble null when it is over */
  trouble(trouble) {
    const { stage, queue } = this.#given;
    (stage.screen?.trouble ?? tell)(trouble ? readableTrouble(trouble) : '');
    if (!trouble && this.#lost && queue().state.state === 'waiting') this.#unsayKept = tell(t('waiting.kept'));
    this.#lost = trouble?.kind === 'lost';
  }

  /** @param {string} place where one goes */
  goesTo(place) {
    if (this.#opened && place === roomHash(this.#opened.roomId)) this.#opened = null;
  }

  refreshBanner() {
    const { stage, films, queue } = this.#given;
    const { state } = queue();
    const title = state.state === 'waiting' ? films.of(state.movieId)?.title ?? t('app.yourFilm') : '';
    showBanner(bannerOf({ queue: state, place: stage.place, opened: this.#opened, title }));
  }
}
