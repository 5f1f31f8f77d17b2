// Which of the files that are chosen, pasted or dropped is the picture that is meant.

import { unfit } from '../sixseat/upload.js';
import { shrinks } from './shrink.js';

/**
 * @template {Pick<File, 'type'|'size'>} Any
 * @param {Any[]} files at least one
 * @returns {{picture?: Any, problem?: import('../sixseat.js').Problem|null}} the first that can be sent, or why the first cannot
 */
export function picked(files) {
  const whys = files.map((file) => unfit(shrinks(file) ? { type: file.type, size: 0 } : file));
  const fit = whys.indexOf(null);
  return fit < 0 ? { problem: whys[0] } : { picture: files[fit] };
}

/**
 * Office programs add a picture to a text that is copied: the text is meant. Of a copied file
 * some systems add the name: the file is meant.
 * @template {Pick<File, 'name'>} Any
 * @param {Any[]} files
 * @param {string} text
 * @returns {Any[]}
 */
export function pasted(files, text) {
  return text.trim() === '' || text.trim() === files[0]?.name ? files : [];
}
