// A match calls a person back: a short chime and a title that blinks, both as they chose.

import { setting } from './settings.js';

const NOTES = [523.25, 659.25, 783.99]; // Hz: C, E, G
const GAP = 0.14; // s from one note to the next
const LENGTH = 0.6; // s of each
const BLINK = 1_000; // ms
const BLINKS = 120; // then whoever is away will see it from the room itself

/** @type {AudioContext|null} */
let audio = null;

// Browsers let a page sound only after a gesture, so the first one opens the door.
function arm() {
  audio ??= typeof AudioContext === 'function' ? new AudioContext() : null;
  audio?.resume().catch((problem) => console.warn('this browser gives no sound', problem));
}
for (const gesture of ['pointerdown', 'keydown']) addEventListener(gesture, arm, { once: true });

/** @param {string} text for the title while nobody looks */
export function callBack(text) {
  if (setting('sound')) chime();
  if (setting('blink') && (document.hidden || !document.hasFocus())) blink(text);
}

function chime() {
  if (!audio) return;
  NOTES.forEach((frequency, i) => note(/** @type {AudioContext} */ (audio), frequency, i * GAP));
}

/** @param {AudioContext} context @param {number} frequency @param {number} after */
function note(context, frequency, after) {
  const start = context.currentTime + after;
  const tone = new OscillatorNode(context, { type: 'triangle', frequency });
  const volume = new GainNode(context, { gain: 0 });
  volume.gain.setValueAtTime(0, start);
  volume.gain.linearRampToValueAtTime(0.15, start + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.001, start + LENGTH);
  tone.connect(volume).connect(context.destination);
  tone.start(start);
  tone.stop(start + LENGTH);
}

/** @param {string} text */
function blink(text) {
  let left = BLINKS;
  let before = document.title;
  const timer = setInterval(() => {
    const back = !document.hidden && document.hasFocus();
    if (document.title !== text) before = document.title; // the page may have named itself anew
    document.title = back || left % 2 === 1 ? before : text;
    if (back || --left === 0) clearInterval(timer);
  }, BLINK);
}
