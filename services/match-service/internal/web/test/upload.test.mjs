import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import assert from 'node:assert/strict';
import { Problem } from '../static/sixseat/problem.js';
import { MAX_BYTES, upload } from '../static/sixseat/upload.js';

const photo = new Blob(['12345'], { type: 'image/png' });
let offers, api;

beforeEach(() => {
  mock.method(console, 'warn', () => {});
  offers = [];
  api = {
    offerPicture: async (roomId, picture) => {
      offers.push([roomId, picture]);
      return { imageId: `i${offers.length}`, upload: { url: `https://files.example/${offers.length}`, headers: { 'If-None-Match': '*' } }, expiresAt: '' };
    },
  };
});
afterEach(() => mock.restoreAll());

describe('upload', () => {
  it('puts the picture where it is told, as it is told', async () => {
    const puts = [];
    mock.method(globalThis, 'fetch', async (url, { method, headers, body }) => {
      puts.push([url, method, headers, await body.text()]);
      return new Response();
    });
    const parts = [];

    assert.equal(await upload(api, 'r1', photo, { progress: (part) => parts.push(part) }), 'i1');

    assert.deepEqual(offers, [['r1', { contentType: 'image/png', bytes: 5 }]]);
    assert.deepEqual(puts, [['https://files.example/1', 'PUT', { 'If-None-Match': '*' }, '12345']]);
    assert.deepEqual(parts, [1]);
  });

  it('asks for nothing when the server would not take it', async () => {
    await assert.rejects(upload(api, 'r1', new Blob(['<svg/>'], { type: 'image/svg+xml' })), { slug: 'picture-type' });
    await assert.rejects(upload(api, 'r1', new Blob([new Uint8Array(MAX_BYTES + 1)], { type: 'image/png' })), { slug: 'picture-size' });
    assert.equal(offers.length, 0);
  });

  it('tries again at another place, and not for ever', async () => {
    const answers = [new TypeError('gone'), new Response(null, { status: 503 }), new Response()];
    mock.method(globalThis, 'fetch', async () => {
      const answer = answers.shift() ?? new Response(null, { status: 503 });
      if (answer instanceof Error) throw answer;
      return answer;
    });

    assert.equal(await upload(api, 'r1', photo), 'i3');
    await assert.rejects(upload(api, 'r1', photo), { slug: 'picture-refused', status: 503 });
    assert.equal(offers.length, 6);
  });

  it('does not try again what was refused, or what was given up', async () => {
    mock.method(globalThis, 'fetch', async () => new Response(null, { status: 403 }));
    await assert.rejects(upload(api, 'r1', photo), (problem) => problem instanceof Problem && !problem.temporary);

    const control = new AbortController();
    mock.method(globalThis, 'fetch', async () => {
      control.abort();
      throw new TypeError('aborted');
    });
    await assert.rejects(upload(api, 'r1', photo, { signal: control.signal }), { name: 'AbortError' });
    assert.equal(offers.length, 2);
  });
});
