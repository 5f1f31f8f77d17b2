// One call over HTTP: JSON there and back, problems as errors, and an end to waiting.

import { Problem, problemOf, unreachable } from './problem.js';

const TIMEOUT = 15_000; // ms for one call; a load balancer gives up later than that

/** blob: the answer is a file. @typedef {{token?: string, body?: object, timeout?: number, blob?: boolean}} Options */

export class Http {
  #base;

  /** @param {string} base of all addresses: '' is the page's own origin */
  constructor(base) {
    this.#base = base.replace(/\/$/, '');
  }

  /** @param {string} path */
  at(path) {
    return this.#base + path;
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {Options} [options]
   * @returns {Promise<any>} null where the answer has no body
   */
  async call(method, path, { token, body, timeout = TIMEOUT, blob = false } = {}) {
    /** @type {Record<string, string>} */
    const headers = { Accept: blob ? '*/*' : 'application/json' };
    if (token) headers.Authorization = `Bearer ${token}`;
    if (body) headers['Content-Type'] = 'application/json';
    try {
      const response = await fetch(this.at(path), {
        method,
        headers,
        body: body && JSON.stringify(body),
        cache: 'no-store',
        signal: AbortSignal.timeout(timeout),
      });
      if (!response.ok) throw await problemOf(response);
      if (blob) return await response.blob();
      return response.status === 204 ? null : await response.json();
    } catch (error) {
      if (error instanceof Problem) throw error;
      throw unreachable(error, method, path);
    }
  }
}
