// What every test needs: the running system, rooms full of members, and waiting.
'use strict';

const { readFileSync } = require('node:fs');
const WebSocket = require('ws');

// Stock clients look for the browser's WebSocket.
globalThis.WebSocket = WebSocket;

// world is written by the Go test that started the system:
// { url, expiredToken, rooms: [{ roomId, members: [{ memberId, nickname, token }] }] }.
const world = JSON.parse(readFileSync(process.env.SIXSEAT_WORLD, 'utf8'));

// socketURL goes through the load balancer, as every client's does.
const socketURL = `${world.url.replace(/^http/, 'ws')}/chat/ws`;

// CEILING_MS is how long a test waits for something that must come; it is only waited
// for in full when something is broken.
const CEILING_MS = 60_000;

/** A list that can be waited on. */
class Inbox {
  #items = [];
  #waiting = [];

  put(item) {
    const next = this.#waiting.shift();
    if (next) next(item);
    else this.#items.push(item);
  }

  /** The next item; rejects when none comes. */
  take(what) {
    if (this.#items.length > 0) return Promise.resolve(this.#items.shift());
    return within(new Promise((resolve) => this.#waiting.push(resolve)), what);
  }

  get size() {
    return this.#items.length;
  }
}

/** The promise, or a rejection that says what did not come. */
function within(promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no ${what} within ${CEILING_MS} ms`)), CEILING_MS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** A room's newest messages over REST, as one of its members sees them. */
async function history(room) {
  const resp = await fetch(`${world.url}/chat/rooms/${room.roomId}/messages?limit=200`, {
    headers: { Authorization: `Bearer ${room.members[0].token}` },
  });
  if (!resp.ok) throw new Error(`history: ${resp.status} ${await resp.text()}`);
  return (await resp.json()).items;
}

const text = (comment) => JSON.stringify({ type: 'TEXT', comment });

module.exports = { world, socketURL, WebSocket, Inbox, within, history, text };
