// What goes wrong, as RFC 9457 problem details.

/** A refused or failed call: RFC 9457 problem details. `status` is 0 where no answer came. */
export class Problem extends Error {
  /** @param {{status:number, title?:string, detail?:string, type?:string, errors?:{field:string,reason:string}[], retryAfter?:number}} details */
  constructor(details) {
    super(details.detail || details.title || `The server answered ${details.status}.`);
    this.name = 'Problem';
    this.status = details.status;
    this.type = details.type ?? '';
    this.errors = details.errors ?? [];
    this.retryAfter = details.retryAfter ?? 0; // seconds
  }

  /** @returns {boolean} whether the same call may work later */
  get temporary() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/**
 * Reads a Problem out of an answer, also when something in between wrote it.
 * @param {Response} response
 * @returns {Promise<Problem>}
 */
export async function problemOf(response) {
  const retryAfter = Number(response.headers.get('Retry-After')) || 0;
  const text = await response.text().catch(() => ''); // cut off while reading: the status has to do
  let body = null;
  if (response.headers.get('Content-Type')?.startsWith('application/problem+json')) {
    try {
      body = JSON.parse(text);
    } catch (error) {
      console.warn('a problem that is no JSON', error);
    }
  }
  const fallback = `The server did not answer as it should (${response.status}). Please try again.`;
  return new Problem({ type: 'unreadable', detail: fallback, ...body, status: response.status, retryAfter });
}
