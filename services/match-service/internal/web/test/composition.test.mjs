import { describe, it } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { compose, SIZES } from '../static/composition.js';
import { GENRES } from '../static/filters.js';

const css = (name) => readFileSync(new URL(`../static/${name}`, import.meta.url), 'utf8');
const rows = readFileSync(new URL('../../store/movies.csv', import.meta.url), 'utf8').trim().split('\n').slice(1);

/** The whole catalogue, as far as a poster needs it; enough CSV for titles in quotes. */
const films = rows.map((row) => {
  const [, quoted, plain, year, rest] = row.match(/^(?:"((?:[^"]|"")*)"|([^,]*)),(\d*),(.*)$/);
  const title = quoted?.replaceAll('""', '"') ?? plain;
  const genre = GENRES.find((name) => rest.includes(`,${name},`)) ?? '';
  return { movieId: `${title}-${year}`.toLowerCase(), title, genre, releaseYear: Number(year) };
});
const all = films.map(compose);

describe('a poster', () => {
  it('looks the same each time', () => {
    const film = { movieId: 'heat-1995', title: 'Heat', genre: 'Action', releaseYear: 1995 };
    assert.deepEqual(compose(film), compose({ ...film }));
    assert.deepEqual(compose(Object.assign({ waiting: 5 }, film)), compose(film), 'who waits changes nothing');
  });

  it('can be made of a film that has no more than a title', () => {
    const { layout, palette, size } = compose({ movieId: 'x', title: 'X' });
    assert.ok(layout && palette.startsWith('other-') && SIZES.includes(size));
  });

  it('has rules for whatever is chosen for the films of the catalogue', () => {
    const [poster, layouts] = [css('poster.css'), css('layouts.css')];
    assert.ok(films.length > 1200);
    for (const { layout, palette, size, lines } of all) {
      assert.ok(layouts.includes(`[data-layout="${layout}"]`), layout);
      assert.ok(poster.includes(`[data-palette="${palette}"]`), palette);
      assert.ok(poster.includes(`[data-size="${size}"]`), String(size));
      if (layout === 'stack') lines.forEach((line) => assert.ok(layouts.includes(`[data-letters="${line.length}"]`), line));
    }
  });

  it('uses every composition and every palette of the genres: a wall has many faces', () => {
    const layouts = new Set([...css('layouts.css').matchAll(/data-layout="(\w+)"/g)].map(([, name]) => name));
    const palettes = new Set([...css('poster.css').matchAll(/data-palette="([\w-]+)"/g)].map(([, name]) => name));
    const used = (/** @type {'layout'|'palette'} */ what) => new Set(all.map((made) => made[what]));
    assert.deepEqual([...layouts].filter((name) => !used('layout').has(name)), []);
    assert.deepEqual([...palettes].filter((name) => !used('palette').has(name) && !name.startsWith('other')), []);
  });

  it('keeps the words of a title, whatever becomes of its lines', () => {
    all.forEach(({ lines }, i) => assert.equal(lines.join(' '), films[i].title));
  });

  it('is set no larger than its longest word can be', () => {
    const wide = compose({ movieId: 'a', title: 'Supercalifragilisticexpialidocious', genre: 'Musical', releaseYear: 1964 });
    assert.equal(wide.size, SIZES[0]);
    assert.ok(compose({ movieId: 'a', title: 'Up', genre: 'Adventure', releaseYear: 2009 }).size >= 36);
  });
});

describe('the colours of a poster', () => {
  const channel = (/** @type {string} */ hex) => (parseInt(hex, 16) / 255 <= 0.04045 ? parseInt(hex, 16) / 255 / 12.92 : ((parseInt(hex, 16) / 255 + 0.055) / 1.055) ** 2.4);
  const luminance = (/** @type {string} */ color) => 0.2126 * channel(color.slice(1, 3)) + 0.7152 * channel(color.slice(3, 5)) + 0.0722 * channel(color.slice(5, 7));
  const contrast = (/** @type {string} */ a, /** @type {string} */ b) => {
    const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
    return (light + 0.05) / (dark + 0.05);
  };
  const palettes = [...css('poster.css').matchAll(/"([\w-]+)"\] \{ --paper: (#\w{6}); --print: (#\w{6}); --spot: (#\w{6})/g)];

  it('can be read: print on paper and on the spot has the contrast of WCAG AA', () => {
    assert.ok(palettes.length >= 30);
    const poor = palettes.flatMap(([, name, paper, print, spot]) =>
      [['paper', paper], ['spot', spot]].filter(([, ground]) => contrast(print, ground) < 4.5)
        .map(([what, ground]) => `${name}: print on ${what} ${contrast(print, ground).toFixed(2)}`));
    assert.deepEqual(poor, []);
  });
});
