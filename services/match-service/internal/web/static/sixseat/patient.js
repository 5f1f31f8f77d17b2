// Work that may fail for a while: it is tried until it is done, or refused for good.

import { backoff } from './backoff.js';
import { asProblem } from './problem.js';

export class Patient {
  #given;
  #attempt = 0;
  /** @type {ReturnType<typeof setTimeout>|undefined} set while it waits for the next try */
  #timer;
  #run = 0; // counts up; what was stopped while it worked tells nothing

  /**
   * @param {object} given
   * @param {() => Promise<void>} given.work
   * @param {() => void} given.onTry
   * @param {() => void} given.onDone
   * @param {(retryAt: number) => void} given.onWaiting in ms since 1970
   * @param {(problem: import('./problem.js').Problem) => void} given.onRefused another try would change nothing
   */
  constructor(given) {
    this.#given = given;
  }

  start() {
    this.stop();
    this.#attempt = 0;
    void this.#try();
  }

  /** Tries at once instead of waiting. */
  wake() {
    if (this.#timer !== undefined) void this.#try();
  }

  stop() {
    this.#run++;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #try() {
    this.stop();
    const mine = this.#run;
    this.#given.onTry();
    try {
      await this.#given.work();
      if (mine === this.#run) this.#given.onDone();
    } catch (error) {
      if (mine === this.#run) this.#failed(asProblem(error));
    }
  }

  /** @param {import('./problem.js').Problem} problem */
  #failed(problem) {
    if (!problem.temporary) return this.#given.onRefused(problem);
    console.info('tried in vain', problem.message);
    const delay = Math.max(problem.retryAfter * 1000, backoff(this.#attempt++));
    this.#timer = setTimeout(() => void this.#try(), delay);
    this.#given.onWaiting(Date.now() + delay);
  }
}
