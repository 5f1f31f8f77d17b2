// Rooms come after the first sight, which does without them: they are a third of the page.

/** @typedef {import('./sixseat.js').Sixseat} Sixseat */

/** The first screen is there: what is fetched from now on holds up nothing. */
const seen = new Promise((resolve) => window.addEventListener('load', resolve, { once: true }));

export class Rooms {
  #visitor;
  /** @type {Sixseat|null} the whole library, once it is here */
  #sixseat = null;
  /** @type {ReturnType<typeof fetchAll>|null} */
  #fetching = null;

  /** @param {import('./sixseat/visitor.js').Visitor} visitor */
  constructor(visitor) {
    this.#visitor = visitor;
  }

  /** All that a room needs, at once. Where it cannot be had, the next call tries again. */
  async load() {
    this.#fetching ??= fetchAll();
    const { Sixseat, chat } = await this.#fetching.catch((error) => {
      this.#fetching = null;
      throw error;
    });
    this.#sixseat ??= this.#begin(new Sixseat({ visitor: this.#visitor }));
    return { sixseat: this.#sixseat, chat };
  }

  /** The same as soon as the first screen is seen, before anybody asks for a room. */
  async prepare() {
    await seen;
    return this.load().catch((error) => console.warn('rooms are tried again at the next occasion', error));
  }

  /** Sends what an earlier visit could not, in whatever room it was written. */
  sendUnsent() {
    if (this.#sixseat) this.#sixseat.sendUnsent();
    else void this.prepare();
  }

  /** The network or the person is back. */
  wake() {
    if (this.#sixseat) this.#sixseat.wake();
    else void this.prepare();
  }

  /** Six may be together soon: then the first room opens at once. */
  async warm() {
    (await this.prepare())?.sixseat.warm();
  }

  /** Lets go of them all. */
  close() {
    this.#sixseat?.close();
  }

  /** @param {Sixseat} sixseat */
  #begin(sixseat) {
    if (sixseat.member) sixseat.sendUnsent();
    return sixseat;
  }
}

async function fetchAll() {
  const { styled, forget } = preload();
  try {
    const [{ Sixseat }, { chat }] = await Promise.all([import('./sixseat.js'), import('./chat.js'), styled]);
    return { Sixseat, chat };
  } catch (error) {
    forget();
    throw error;
  }
}

/**
 * Asks for everything in one round, as index.html names it, and for nothing before what a person
 * does meanwhile. `styled` when a room would look as it should.
 */
function preload() {
  const { content } = /** @type {HTMLTemplateElement} */ (document.getElementById('later'));
  const names = /** @type {DocumentFragment} */ (content.cloneNode(true));
  const links = [...names.querySelectorAll('link')];
  const style = /** @type {HTMLLinkElement} */ (names.querySelector('[rel=stylesheet]'));
  const styled = new Promise((resolve, reject) => {
    style.addEventListener('load', resolve);
    style.addEventListener('error', () => reject(new Error(`${style.href} was not loaded`)));
  });
  links.forEach((link) => (link.fetchPriority = 'low'));
  document.head.append(names);
  return { styled, forget: () => links.forEach((link) => link.remove()) };
}
