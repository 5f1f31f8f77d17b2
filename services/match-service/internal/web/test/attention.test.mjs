import { after, afterEach, beforeEach, it, mock } from 'node:test';
import assert from 'node:assert/strict';

const gestures = new Map();
const tones = []; // {frequency, from, to}
let resume = async () => {};
let blinking; // what runs each second

class FakeNode {
  connect(next) {
    return next;
  }
}
const fakes = {
  addEventListener: (name, listener) => gestures.set(name, listener),
  document: { title: 'Films', hidden: false, focused: true, hasFocus: () => fakes.document.focused },
  AudioContext: class {
    currentTime = 10;
    destination = new FakeNode();
    resume = () => resume();
  },
  OscillatorNode: class extends FakeNode {
    constructor(_, { frequency }) {
      super();
      this.tone = { frequency };
      tones.push(this.tone);
    }

    start(at) {
      this.tone.from = at;
    }

    stop(at) {
      this.tone.to = at;
    }
  },
  GainNode: class extends FakeNode {
    gain = { setValueAtTime() {}, linearRampToValueAtTime() {}, exponentialRampToValueAtTime() {} };
  },
};
Object.assign(globalThis, fakes);
// Node has a navigator of its own from version 21 on.
Object.defineProperty(globalThis, 'navigator', { value: { languages: ['en'] }, configurable: true });
const { callBack } = await import('../static/attention.js');
const { choose } = await import('../static/settings.js');
Object.assign(fakes.document, { documentElement: { dataset: {} } }); // for the settings

beforeEach(() => {
  tones.length = 0;
  Object.assign(fakes.document, { title: 'Films', hidden: true, focused: false });
  blinking = () => {};
  // Not mock.timers: in Node 20 an interval that clears itself goes on there.
  mock.method(globalThis, 'setInterval', (tick) => (blinking = tick));
  mock.method(globalThis, 'clearInterval', () => (blinking = () => {}));
  mock.method(console, 'warn', () => {});
  choose('sound', true);
  choose('blink', true);
});
afterEach(() => mock.restoreAll());
after(() => Object.keys(fakes).forEach((name) => delete globalThis[name]));

/** @returns {string} the title a second later */
const later = () => {
  blinking();
  return document.title;
};

it('is silent before the first gesture, and after it a chime of three notes', () => {
  callBack('Six!');
  assert.deepEqual(tones, []);

  gestures.get('pointerdown')();
  callBack('Six!');
  assert.equal(tones.length, 3);
  assert.ok(tones.every(({ from, to }) => from >= 10 && to > from));
  assert.ok(tones[0].from < tones[1].from && tones[0].frequency < tones[1].frequency);
});

it('lives with a browser that gives no sound', async () => {
  const warn = mock.method(console, 'warn', () => {});
  resume = async () => {
    throw new Error('no device');
  };
  gestures.get('keydown')();
  await new Promise(setImmediate);

  assert.equal(warn.mock.callCount(), 1);
});

it('blinks in the title until somebody looks, and leaves the title that the page has by then', () => {
  callBack('Six!');
  assert.deepEqual([later(), later(), later()], ['Six!', 'Films', 'Six!']);

  document.title = 'Heat'; // the room has opened
  assert.deepEqual([later(), later()], ['Heat', 'Six!']);
  Object.assign(document, { hidden: false, focused: true });
  assert.deepEqual([later(), later(), later()], ['Heat', 'Heat', 'Heat']);
});

it('ends by itself, with the title of before', () => {
  callBack('Six!');
  for (let seconds = 0; seconds < 120; seconds++) later();

  assert.equal(document.title, 'Films');
  assert.equal(later(), 'Films');
});

it('does not blink before the eyes of somebody, and does what they chose', () => {
  Object.assign(document, { hidden: false, focused: true });
  callBack('Six!');
  assert.equal(later(), 'Films');

  Object.assign(document, { hidden: true, focused: false });
  choose('blink', false);
  choose('sound', false);
  tones.length = 0;
  callBack('Six!');
  assert.equal(later(), 'Films');
  assert.deepEqual(tones, []);
});
