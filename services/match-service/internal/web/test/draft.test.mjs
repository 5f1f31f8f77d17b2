import { beforeEach, describe, it } from 'node:test';
import assert from 'node:assert/strict';
import { Draft, draftOf } from '../static/chat/draft.js';

const photo = new File(['12345'], 'sea.png', { type: 'image/png' });
let draft, sent, ups, to;

beforeEach(() => {
  draft = new Draft();
  sent = [];
  ups = []; // uploads that go on until the test ends them
  to = {
    upload: (blob, { progress, signal }) => new Promise((done, fail) => {
      ups.push({ blob, progress, signal, done, fail });
      signal.addEventListener('abort', () => fail(signal.reason));
    }),
    uploaded: () => {},
    send: (...message) => sent.push(message),
  };
});

describe('a draft', () => {
  it('sends a text, and is empty again', async () => {
    draft.write(' hello ');
    await draft.send(to);

    assert.deepEqual(sent, [['hello']]);
    assert.equal(draft.text, '');
  });

  it('stays as it was, and says why, when nothing more is taken', async () => {
    const problem = new Error('full');
    to.send = () => {
      throw problem;
    };
    draft.write('hello');
    await draft.send(to);

    assert.deepEqual([draft.text, draft.problem], ['hello', problem]);
    draft.write('hello!');
    assert.equal(draft.problem, null);
  });

  it('goes on bringing its picture while nobody looks, and then sends it with its caption', async () => {
    const before = () => {};
    draft.changed = before;
    draft.write('the sea');
    draft.take(photo);
    const sending = draft.send(to);
    draft.leave(before);
    const shown = [];
    draft.changed = () => shown.push(draft.part); // one is back
    ups[0].progress(0.5);
    assert.deepEqual([draft.uploading, draft.text, draft.picture, shown], [true, 'the sea', photo, [0.5]]);

    ups[0].done('i1');
    await sending;

    assert.deepEqual(sent, [['the sea', 'i1']]);
    assert.deepEqual([draft.uploading, draft.text, draft.picture], [false, '', undefined]);
  });

  it('keeps picture and caption when these could not be brought', async () => {
    draft.write('the sea');
    draft.take(photo);
    const sending = draft.send(to);
    ups[0].fail(new Error('away'));
    await sending;

    assert.deepEqual([draft.uploading, draft.text, draft.picture, draft.problem.message], [false, 'the sea', photo, 'away']);
    assert.deepEqual(sent, []);
  });

  it('gives the upload up with the picture, and keeps the text', async () => {
    draft.write('the sea');
    draft.take(photo);
    const sending = draft.send(to);
    draft.take();
    assert.equal(draft.uploading, false);
    await sending;

    assert.ok(ups[0].signal.aborted);
    assert.deepEqual([sent, draft.text, draft.problem], [[], 'the sea', null]);
  });

  it('does not send a picture that was there as it was given up', async () => {
    draft.take(photo);
    const sending = draft.send(to);
    ups[0].done('i1');
    draft.take();
    await sending;

    assert.deepEqual(sent, []);
  });

  it('is one for each member and room', () => {
    draftOf('me', 'r1').write('hello');

    assert.equal(draftOf('me', 'r1').text, 'hello');
    assert.equal(draftOf('me', 'r2').text, '');
    assert.equal(draftOf('you', 'r1').text, '');
  });

  it('is still told to who shows it now when who showed it before leaves', () => {
    const before = () => {};
    draft.changed = before;
    let told = 0;
    draft.changed = () => told++;
    draft.leave(before);
    draft.write('hello');

    assert.equal(told, 1);
  });
});
