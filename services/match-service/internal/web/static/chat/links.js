// Addresses in what people write. Only http and https become links, and nothing that could
// be read as another place than it leads to.

const CANDIDATE = /\bhttps?:\/\/[^\s<>"'`\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]+/giu;
const PUNCTUATION = /[.,;:!?…·。、，！？]$/u;
const CLOSING = { ')': '(', ']': '[', '}': '{', '」': '「', '』': '『', '》': '《', '”': '“', '’': '‘' };

/**
 * A text in pieces: those with `href` are links.
 * @param {string} text
 * @returns {{text: string, href?: string}[]}
 */
export function pieces(text) {
  const found = [];
  let end = 0;
  for (const { 0: raw, index } of text.matchAll(CANDIDATE)) {
    const address = withoutTail(raw);
    const href = safe(address);
    if (!href) continue;
    if (index > end) found.push({ text: text.slice(end, index) });
    found.push({ text: address, href });
    end = index + address.length;
  }
  if (end < text.length) found.push({ text: text.slice(end) });
  return found;
}

/**
 * An address without the punctuation of the sentence around it; a bracket stays if it was
 * opened inside.
 * @param {string} address
 */
function withoutTail(address) {
  for (;;) {
    const last = address.at(-1) ?? '';
    const opening = CLOSING[/** @type {keyof typeof CLOSING} */ (last)];
    const unopened = opening && count(address, last) > count(address, opening);
    if (!unopened && !PUNCTUATION.test(address)) return address;
    address = address.slice(0, -1);
  }
}

/** @param {string} text @param {string} letter */
const count = (text, letter) => text.split(letter).length - 1;

/** @param {string} address @returns {string|undefined} */
function safe(address) {
  if (!URL.canParse(address)) return undefined;
  const { href, protocol, username, password } = new URL(address);
  // https://bank.example@evil.example leads to the second
  return /^https?:$/.test(protocol) && !username && !password ? href : undefined;
}
