// STOMP frames as text, for a page that shows what crosses the wire. It is not strict: what
// a developer wants to send wrongly is sent wrongly.

/** @typedef {[name: string, value: string]} Header */
/** @typedef {{command: string, headers: Header[], body: string}} Frame a heart-beat has the command '' */
/** @typedef {'1.0'|'1.1'|'1.2'} Version */

/** @type {Version[]} */
export const VERSIONS = ['1.2', '1.1', '1.0'];

/** @type {Record<Version, [plain: string, escaped: string][]>} the backslash first */
const ESCAPES = {
  '1.0': [],
  1.1: [['\\', '\\\\'], ['\n', '\\n'], [':', '\\c']],
  1.2: [['\\', '\\\\'], ['\n', '\\n'], [':', '\\c'], ['\r', '\\r']],
};

/** These are read by servers that do not know yet which version they speak. */
const UNESCAPED = ['CONNECT', 'CONNECTED'];

/** @param {string} text @param {string} command @param {Version} version */
function escape(text, command, version) {
  if (UNESCAPED.includes(command)) return text;
  return ESCAPES[version].reduce((all, [plain, escaped]) => all.replaceAll(plain, escaped), text);
}

/** @param {string} text @param {string} command @param {Version} version */
function unescape(text, command, version) {
  if (UNESCAPED.includes(command)) return text;
  const plain = new Map(ESCAPES[version].map(([to, from]) => [from, to]));
  return text.replace(/\\./g, (pair) => plain.get(pair) ?? pair);
}

/** @param {Frame} frame @param {Version} version @returns {string} with its NUL */
export function encode({ command, headers, body }, version) {
  const part = (/** @type {string} */ text) => escape(text, command, version);
  const lines = headers.map(([name, value]) => `${part(name)}:${part(value)}\n`);
  return `${command}\n${lines.join('')}\n${body}\0`;
}

/** @param {string} text one header a line @returns {Header[]} */
export function headersOf(text) {
  return text.split('\n').filter((line) => line.trim()).map((line) => {
    const colon = line.indexOf(':');
    return colon < 0 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 1)];
  });
}

/** @param {Frame} frame @param {string} name @returns {string} the first of that name counts; '' if there is none */
export const header = (frame, name) => frame.headers.find(([is]) => is === name)?.[1] ?? '';

const LF = 10;
const decoder = new TextDecoder();

/**
 * The frames in one WebSocket message; octets that make no whole frame are the last one's body.
 * @param {Uint8Array} octets
 * @param {Version} version
 * @returns {Frame[]}
 */
export function decode(octets, version) {
  /** @type {Frame[]} */
  const frames = [];
  let at = 0;
  while (at < octets.length) {
    if (octets[at] === LF) {
      at++; // after a frame they are padding, and alone a heart-beat
      if (frames.length === 0) frames.push({ command: '', headers: [], body: '' });
      continue;
    }
    const { frame, end } = one(octets, at, version);
    frames.push(frame);
    at = end;
  }
  return frames;
}

/** @param {Uint8Array} octets @param {number} from @param {Version} version */
function one(octets, from, version) {
  let at = from;
  const line = () => {
    let end = octets.indexOf(LF, at);
    if (end < 0) end = octets.length;
    const text = decoder.decode(octets.subarray(at, end)).replace(/\r$/, '');
    at = end + 1;
    return text;
  };
  const command = line();
  /** @type {Header[]} */
  const headers = [];
  for (let text = line(); text !== ''; text = line()) {
    for (const [name, value] of headersOf(text)) {
      headers.push([unescape(name, command, version), unescape(value, command, version)]);
    }
  }
  const length = Number.parseInt(headers.find(([name]) => name === 'content-length')?.[1] ?? '', 10);
  let end = Number.isNaN(length) ? octets.indexOf(0, at) : at + length;
  if (end < 0 || end > octets.length) end = octets.length;
  return { frame: { command, headers, body: decoder.decode(octets.subarray(at, end)) }, end: end + 1 };
}
