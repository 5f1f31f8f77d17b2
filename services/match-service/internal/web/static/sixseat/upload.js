// A picture on its way to where pictures are kept, which is another server than ours.

import { backoff } from './backoff.js';
import { own } from './problem.js';

/** What the server takes. */
export const TYPES = ['image/jpeg', 'image/png', 'image/webp', 'image/gif'];
export const MAX_BYTES = 5 * 1024 * 1024;
const SILENT = 30_000; // ms without any progress
const TRIES = 3; // each with a place of its own: one whose answer was lost takes no second upload

/** @param {Pick<Blob, 'type'|'size'>} picture @returns {import('./problem.js').Problem|null} why the server would not take it */
export function unfit({ type, size }) {
  if (!TYPES.includes(type)) return own('picture-type', 'A picture must be a JPEG, PNG, WebP or GIF file.', { status: 400 });
  if (size > MAX_BYTES) return own('picture-size', `A picture may have ${MAX_BYTES} bytes.`, { status: 413 });
  return null;
}

/**
 * @param {Pick<import('./api.js').Api, 'offerPicture'>} api
 * @param {string} roomId
 * @param {Blob} picture
 * @param {{progress?: (part: number) => void, signal?: AbortSignal, put?: typeof putByXHR}} [options]
 * @returns {Promise<string>} its id
 */
export async function upload(api, roomId, picture, { progress = () => {}, signal, put = globalThis.XMLHttpRequest ? putByXHR : putByFetch } = {}) {
  const why = unfit(picture);
  if (why) throw why;
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    const { imageId, upload: { url, headers } } = await api.offerPicture(roomId, { contentType: picture.type, bytes: picture.size });
    signal?.throwIfAborted();
    try {
      const status = await put(url, headers, picture, progress, signal);
      if (status < 300) return imageId;
      throw own('picture-refused', `The picture was not taken (${status}).`, { status });
    } catch (/** @type {any} */ problem) {
      signal?.throwIfAborted();
      if (!problem.temporary || attempt === TRIES) throw problem;
      progress(0);
      await pause(backoff(attempt));
    }
  }
}

const pause = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * fetch() does not tell how far an upload is; this does.
 * @param {string} url
 * @param {Record<string, string>} headers
 * @param {Blob} picture
 * @param {(part: number) => void} progress
 * @param {AbortSignal} [signal]
 * @returns {Promise<number>} the answer's status
 */
function putByXHR(url, headers, picture, progress, signal) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let timer = setTimeout(() => request.abort(), SILENT);
    const abort = () => request.abort();
    request.open('PUT', url);
    Object.entries(headers).forEach(([name, value]) => request.setRequestHeader(name, value));
    request.upload.onprogress = ({ loaded, total }) => {
      clearTimeout(timer);
      timer = setTimeout(abort, SILENT);
      progress(total > 0 ? loaded / total : 0);
    };
    request.onload = () => resolve(request.status);
    request.onerror = request.onabort = () => reject(unreachable());
    request.onloadend = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    };
    signal?.addEventListener('abort', abort);
    request.send(picture);
  });
}

/** @type {typeof putByXHR} */
async function putByFetch(url, headers, picture, progress, signal) {
  try {
    const response = await fetch(url, { method: 'PUT', headers, body: picture, signal });
    progress(1);
    return response.status;
  } catch (error) {
    console.warn('upload', error);
    throw unreachable();
  }
}

const unreachable = () => own('picture-unreachable', 'Where pictures are kept cannot be reached.');
