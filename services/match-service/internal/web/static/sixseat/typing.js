// Who types, as far as one was told of it.

const TYPING = 6_000; // ms that one "typing" means anything (contract)

export class Typing {
  /** @type {Map<string, ReturnType<typeof setTimeout>>} by member */
  #typing = new Map();
  #changed;

  /** @param {() => void} changed somebody began, or has not typed for a while */
  constructor(changed) {
    this.#changed = changed;
  }

  /** @returns {string[]} member ids, in the order in which they began */
  get all() {
    return [...this.#typing.keys()];
  }

  /** @param {string} memberId */
  began(memberId) {
    const news = !this.ended(memberId);
    this.#typing.set(memberId, setTimeout(() => this.ended(memberId) && this.#changed(), TYPING));
    if (news) this.#changed();
  }

  /** @param {string} memberId @returns {boolean} whether the member was typing */
  ended(memberId) {
    clearTimeout(this.#typing.get(memberId));
    return this.#typing.delete(memberId);
  }
}
