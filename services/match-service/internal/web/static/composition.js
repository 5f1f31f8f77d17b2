// How a film looks as a poster, from nothing but its data: the same film always looks the
// same. Genre and decade choose the colours, genre and title the composition, the length
// of the title its size; poster.css and layouts.css draw it.

/** Compositions of each genre; layouts.css has one rule set for each. */
const LAYOUTS = {
  Action: ['stack', 'split', 'bands', 'year', 'strip'],
  Adventure: ['sun', 'split', 'bands', 'year'],
  'Black Comedy': ['rings', 'stack', 'split', 'strip'],
  Comedy: ['arches', 'sun', 'stack', 'bands', 'rings'],
  Documentary: ['year', 'strip', 'bands'],
  Drama: ['sun', 'split', 'spine', 'year', 'arches', 'bands'],
  Horror: ['spine', 'rings', 'stack', 'sun'],
  Musical: ['arches', 'rings', 'bands', 'sun'],
  'Romantic Comedy': ['sun', 'arches', 'rings', 'split'],
  'Thriller/Suspense': ['rings', 'spine', 'split', 'strip', 'year'],
  Western: ['sun', 'stack', 'bands', 'strip'],
};
const OTHER = ['sun', 'year', 'strip', 'bands'];

/** Genres whose posters may also be set in serifs. */
const SERIFS = ['Drama', 'Romantic Comedy', 'Documentary', 'Musical', 'Adventure'];

/** Sizes of titles in hundredths of the poster's width; poster.css has a rule for each. */
export const SIZES = [13, 15, 18, 21, 25, 30, 36, 42];
const VARIANTS = 3; // palettes of a genre
const WIDTH = 84; // of the title, in the same unit
const HEIGHT = 62;
const SPINE = 110; // of a title that runs along the side
// How wide a letter is in its size: League Gothic is narrow, serifs are set smaller (.52).
const LETTER = 0.39;

/**
 * @typedef {object} Composition
 * @property {string} layout
 * @property {string} palette
 * @property {'gothic'|'serif'} face
 * @property {number} size one of SIZES
 * @property {number} turn 0 to 3, where the shape sits
 * @property {string[]} lines of the title where each has its own size; else one
 */

/**
 * @param {{movieId: string, title: string, genre?: string, releaseYear?: number}} film
 * @returns {Composition}
 */
export function compose({ movieId, title, genre = '', releaseYear = 0 }) {
  const hash = hashOf(movieId);
  const fitting = (LAYOUTS[/** @type {keyof typeof LAYOUTS} */ (genre)] ?? OTHER).filter((layout) => fits(layout, title));
  const layout = fitting[hash % fitting.length];
  const serif = SERIFS.includes(genre) && !['stack', 'spine', 'year', 'strip'].includes(layout) && (hash >>> 5) % 2 === 1;
  return {
    layout,
    palette: `${paletteOf(genre)}-${(Math.floor(releaseYear / 10) + (hash >>> 7)) % VARIANTS}`,
    face: serif ? 'serif' : 'gothic',
    size: layout === 'spine' ? spineOf(title) : sizeOf(title),
    turn: (hash >>> 9) % 4,
    lines: layout === 'stack' ? linesOf(title) : [title],
  };
}

/** @param {string} layout @param {string} title */
function fits(layout, title) {
  if (layout === 'spine') return title.length <= 16;
  if (layout !== 'stack') return true;
  const lines = linesOf(title);
  return lines.length > 1 && lines.every((line) => line.length <= 12) && heightOf(lines) <= 100;
}

/** The name of a genre's palettes. @param {string} genre */
function paletteOf(genre) {
  return Object.hasOwn(LAYOUTS, genre) ? genre.toLowerCase().split(/[ /]/)[0] + (genre.includes(' Comedy') ? '-comedy' : '') : 'other';
}

/** Words, short ones together with the next. @param {string} title */
function linesOf(title) {
  /** @type {string[]} */
  const lines = [];
  let open = '';
  for (const word of title.split(' ')) {
    open = open ? `${open} ${word}` : word;
    if (word.length > 3) {
      lines.push(open);
      open = '';
    }
  }
  if (open) lines.push(open);
  return lines;
}

/** @param {string[]} lines each as wide as the poster, as layouts.css does it with [data-letters] */
const heightOf = (lines) => lines.reduce((sum, line) => sum + Math.min(44, WIDTH / (LETTER * line.length)) * 0.9, 0);

/** The largest size at which the longest word and the whole title fit. @param {string} title */
function sizeOf(title) {
  const longest = Math.max(...title.split(' ').map((word) => word.length));
  const limit = Math.min(WIDTH / (LETTER * longest), Math.sqrt((HEIGHT * WIDTH) / (LETTER * title.length)));
  return SIZES.findLast((size) => size <= limit) ?? SIZES[0];
}

/** Along the side, in one line. @param {string} title */
const spineOf = (title) => SIZES.findLast((size) => size <= SPINE / (LETTER * title.length)) ?? SIZES[0];

/** FNV-1a. @param {string} text */
function hashOf(text) {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return (hash ^ (hash >>> 15)) >>> 0;
}
