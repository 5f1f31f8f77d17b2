// The queue's event stream, open while there is something to wait for: that is also what
// says "present".

/** @typedef {Pick<import('./stream.js').EventStream, 'wake'|'cut'|'close'>} Stream */

export class Following {
  #given;
  /** @type {Stream|null} */
  #stream = null;

  /**
   * @param {object} given
   * @param {(on: import('./stream.js').StreamListener) => Stream} given.openStream
   * @param {(state: import('./contract.d.ts').State) => void} given.onNews
   * @param {(trouble: import('./queue.js').Trouble|null) => void} given.onTrouble
   */
  constructor(given) {
    this.#given = given;
  }

  begin() {
    const { openStream, onNews, onTrouble } = this.#given;
    this.#stream ??= openStream({
      onEvent: ({ event, data }) => event === 'state' && onNews(JSON.parse(data)),
      onFailures: (n) => onTrouble(n > 1 ? { kind: 'lost' } : null),
      onRefused: (problem) => {
        this.#stream = null; // it is over: the next look at the queue opens another
        onTrouble({ kind: 'problem', problem });
      },
    });
  }

  /** The network or the person is back. @returns {boolean} false where nothing is followed */
  wake() {
    this.#stream?.wake();
    return this.#stream !== null;
  }

  /** The network is gone: an open stream will bring nothing more. */
  cut() {
    this.#stream?.cut();
  }

  end() {
    this.#stream?.close();
    this.#stream = null;
  }
}
