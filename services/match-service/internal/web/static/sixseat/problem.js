// What goes wrong, as RFC 9457 problem details: what the server says, and what this side
// finds out by itself. Types tell them apart; the words here are for logs and for people
// whose language nobody has words in.

const SERVER = 'urn:sixseat:problem:';
const CLIENT = 'urn:sixseat:client:';

/**
 * @typedef {object} Details
 * @property {number} status
 * @property {string} [type]
 * @property {string} [title]
 * @property {string} [detail]
 * @property {string} [instance]
 * @property {{field: string, reason: string}[]} [errors]
 * @property {number} [retryAfter] seconds
 * @property {number} [lastSeq] of a room's feed that could not be caught up: from there it can
 */

/** A refused or failed call. `status` is 0 where no answer came. */
export class Problem extends Error {
  /** @param {Details} details */
  constructor(details) {
    super(details.detail || details.title || `The server answered ${details.status}.`);
    this.name = 'Problem';
    this.status = details.status;
    this.type = details.type ?? '';
    this.instance = details.instance ?? '';
    this.errors = details.errors ?? [];
    this.retryAfter = details.retryAfter ?? 0;
    this.lastSeq = details.lastSeq ?? 0;
  }

  /** @returns {boolean} whether the same call may work later */
  get temporary() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }

  /** @returns {Details} of which the same can be made again */
  get details() {
    const { status, type, message, instance, errors, retryAfter } = this;
    return { status, type, detail: message, instance, errors, retryAfter };
  }

  /** @returns {string} the last part of a type of ours: `seat-taken`, say; '' for others */
  get slug() {
    const prefix = [SERVER, CLIENT].find((start) => this.type.startsWith(start));
    return prefix ? this.type.slice(prefix.length) : '';
  }
}

/**
 * A problem that this side finds out by itself.
 * @param {string} slug
 * @param {string} detail
 * @param {Partial<Details>} [more]
 * @returns {Problem}
 */
export function own(slug, detail, more = {}) {
  return new Problem({ status: 0, ...more, type: CLIENT + slug, detail });
}

/**
 * No answer came to what was asked for.
 * @param {unknown} why for the log
 * @param {...string} what
 * @returns {Problem}
 */
export function unreachable(why, ...what) {
  console.warn(...what, why);
  return own('offline', 'The server cannot be reached. Are you online?');
}

/**
 * What was thrown, as a Problem.
 * @param {unknown} error
 * @returns {Problem}
 */
export function asProblem(error) {
  return error instanceof Problem ? error : own('bug', String(error), { status: 400 });
}

/**
 * Reads a Problem out of an answer, also when something in between wrote it.
 * @param {Response} response
 * @returns {Promise<Problem>}
 */
export async function problemOf(response) {
  const { status, headers } = response;
  const retryAfter = Number(headers.get('Retry-After')) || 0;
  const text = await response.text().catch(() => ''); // cut off while reading: the status has to do
  const body = headers.get('Content-Type')?.startsWith('application/problem+json') ? parsed(text) : null;
  if (body) return new Problem({ ...body, status, retryAfter });
  return own('unreadable', `The server did not answer as it should (${status}). Please try again.`, { status, retryAfter });
}

/**
 * The problem in an ERROR frame or in a MESSAGE of refusals; text that is none becomes its detail.
 * @param {{body: string, headers: Record<string, string>}} frame
 * @returns {Problem}
 */
export function problemIn({ body, headers }) {
  const retryAfter = Number(headers['retry-after']) || 0;
  const lastSeq = Number(headers['last-seq']) || 0;
  return new Problem({ status: 0, detail: body || headers.message || '', ...parsed(body), retryAfter, lastSeq });
}

/** @param {string} text */
function parsed(text) {
  try {
    const body = JSON.parse(text);
    return typeof body === 'object' ? body : null;
  } catch {
    return null; // the caller has other words for it
  }
}
