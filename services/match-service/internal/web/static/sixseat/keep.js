// What stays from one visit to the next: in localStorage where there is one, else as long
// as the program runs.

/**
 * The part of the Web Storage API that is used. Give one of your own to keep things where
 * there is no localStorage.
 * @typedef {Pick<Storage, 'getItem'|'setItem'|'removeItem'|'key'|'length'>} Store
 */

export class Keep {
  /** @type {Store|null} */
  #store;
  /** @type {Map<string, any>} what could not be stored: private windows and full disks refuse */
  #memory = new Map();

  /** @param {Store|null} [store] */
  constructor(store = browserStore()) {
    this.#store = store;
  }

  /**
   * Read each time: another tab may have written since.
   * @param {string} key
   * @returns {any} null where there is nothing
   */
  read(key) {
    try {
      const text = this.#store?.getItem(key);
      if (text != null) return JSON.parse(text);
    } catch (error) {
      console.warn('what was kept cannot be read', key, error);
    }
    return this.#memory.get(key) ?? null;
  }

  /**
   * @param {string} key
   * @param {any} value of JSON
   */
  write(key, value) {
    try {
      if (!this.#store) throw new Error('there is no storage');
      this.#store.setItem(key, JSON.stringify(value));
      this.#memory.delete(key);
    } catch (error) {
      if (this.#store) console.warn('kept only while this page is open', key, error);
      this.#memory.set(key, value);
    }
  }

  /** @param {string} key */
  remove(key) {
    this.#memory.delete(key);
    try {
      this.#store?.removeItem(key);
    } catch (error) {
      console.warn('what was kept cannot be removed', key, error);
    }
  }

  /**
   * @param {string} prefix
   * @returns {string[]} in no order
   */
  keys(prefix) {
    const found = new Set(this.#memory.keys());
    try {
      for (let i = 0; i < (this.#store?.length ?? 0); i++) found.add(this.#store?.key(i) ?? '');
    } catch (error) {
      console.warn('what was kept cannot be listed', error);
    }
    return [...found].filter((key) => key.startsWith(prefix));
  }
}

/** @returns {Store|null} */
function browserStore() {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null; // strict settings refuse even to look
  }
}
