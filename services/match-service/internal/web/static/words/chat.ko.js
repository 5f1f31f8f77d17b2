// The chat screen in Korean.

/** @type {Record<string, import('../words.js').Entry>} */
export const chatKo = {
};
