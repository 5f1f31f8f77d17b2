// What is half written in a room: a text, and a picture that goes with it. It stays while the
// page is open, and a picture that goes up goes on while one looks at something else. It
// knows no DOM.

import { MAX_BYTES } from '../sixseat/upload.js';
import { shrunk } from './shrink.js';

/** @typedef {(picture: Blob, options: {progress: (part: number) => void, signal: AbortSignal}) => Promise<string>} Upload */

const nobody = () => {};

export class Draft {
  text = '';
  /** @type {File|undefined} */
  picture;
  part = 0; // of the picture that is up, from 0 to 1
  /** @type {unknown} why it could not be sent */
  problem = null;
  changed = nobody; // who shows it
  /** @type {AbortController|undefined} */
  #going;

  /** @returns {boolean} whether the picture is going up; what is written is its caption until it is there */
  get uploading() {
    return this.#going !== undefined;
  }

  /** @param {string} text */
  write(text) {
    this.text = text;
    this.refuse(null);
  }

  /** @param {unknown} problem why it cannot be sent, or what was to go with it cannot */
  refuse(problem) {
    this.problem = problem;
    this.changed();
  }

  /** Another picture, or none; one that goes up is given up. @param {File} [picture] */
  take(picture) {
    this.#going?.abort();
    this.#going = undefined;
    this.picture = picture;
    this.refuse(null);
  }

  /**
   * Brings the picture to the room, then sends it with its caption, or the text alone.
   * @param {{upload: Upload, uploaded: (imageId: string, blob: Blob) => void, send: (text: string, imageId?: string) => void}} to send may throw a problem for the writer
   */
  async send({ upload, uploaded, send }) {
    const text = this.text.trim();
    this.refuse(null);
    try {
      if (!this.picture) send(text);
      else {
        const sent = await this.#bring(this.picture, upload);
        if (!sent) return;
        uploaded(sent.imageId, sent.blob);
        send(text, sent.imageId);
      }
      this.clear();
    } catch (problem) {
      this.refuse(problem);
    }
  }

  /** It is sent, or nobody wants it any more. */
  clear() {
    this.text = '';
    this.take();
  }

  /** @param {() => void} who does not show it any more, if nobody else does meanwhile */
  leave(who) {
    if (this.changed === who) this.changed = nobody;
  }

  /** @param {File} picture @param {Upload} upload @returns {Promise<{imageId: string, blob: Blob}|null>} null: it was given up meanwhile */
  async #bring(picture, upload) {
    const going = this.#going = new AbortController();
    const { signal } = going;
    const progress = (/** @type {number} */ part) => {
      this.part = part;
      this.changed();
    };
    progress(0);
    try {
      const blob = picture.size > MAX_BYTES ? await shrunk(picture) : picture;
      const imageId = await upload(blob, { progress, signal });
      return signal.aborted ? null : { imageId, blob };
    } catch (problem) {
      if (signal.aborted) return null;
      throw problem;
    } finally {
      if (this.#going === going) this.#going = undefined;
      this.changed();
    }
  }
}

/** @type {Map<string, Draft>} */
const drafts = new Map();

/** @param {string} memberId @param {string} roomId */
export function draftOf(memberId, roomId) {
  const key = `${memberId}/${roomId}`;
  const draft = drafts.get(key) ?? new Draft();
  drafts.set(key, draft);
  return draft;
}
