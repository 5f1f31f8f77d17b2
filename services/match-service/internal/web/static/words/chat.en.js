// The chat screen in English.

/** @type {Record<string, import('../words.js').Entry>} */
export const chatEn = {
};
