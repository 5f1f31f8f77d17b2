// A photo that is larger than the server takes.

const SIDE = 2560; // px; more than a screen shows
const QUALITY = 0.85;

/** A GIF would no longer move. @param {Pick<Blob, 'type'>} picture */
export const shrinks = ({ type }) => type !== 'image/gif';

/**
 * The photo with fewer pixels, as JPEG. What cannot be drawn stays as it is, and is refused
 * for its size.
 * @param {Blob} photo
 * @returns {Promise<Blob>}
 */
export async function shrunk(photo) {
  if (!shrinks(photo)) return photo;
  const bitmap = await createImageBitmap(photo).catch(() => null);
  if (!bitmap) return photo;
  const scale = Math.min(1, SIDE / bitmap.width, SIDE / bitmap.height);
  const canvas = document.createElement('canvas');
  canvas.width = Math.ceil(bitmap.width * scale);
  canvas.height = Math.ceil(bitmap.height * scale);
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return new Promise((resolve) => canvas.toBlob((blob) => resolve(blob ?? photo), 'image/jpeg', QUALITY));
}
