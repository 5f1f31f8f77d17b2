// A room on a screen that does not exist, at a server that is none, with a clock that stands
// still: what the tests of a room begin with. It is one for each file that imports it.

import { afterEach, beforeEach, mock } from 'node:test';
import { FakeMember, FakeScreen, FakeServer, settle } from './fakes.mjs';

export let server, screen, member, room;

beforeEach(() => {
  mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  mock.method(console, 'info', () => {});
  server = new FakeServer();
  screen = new FakeScreen();
});
afterEach(() => {
  room.abandon();
  member.connection.close();
  mock.timers.reset();
  mock.restoreAll();
});

/** A member opens the room; what comes of it is left to the test. */
export function arrive() {
  member = new FakeMember(server);
  room = member.room(screen.on);
}

export async function open() {
  arrive();
  await settle();
}

export async function openAndConnect() {
  await open();
  server.client.connect();
  await settle();
}

/** Longer than any back-off. */
export async function later(ms = 60_000) {
  mock.timers.tick(ms);
  await settle();
}

export const say = (from, to) => {
  for (let i = from; i <= to; i++) server.post('other', `n${i}`);
};
export const oneTo = (n) => Array.from({ length: n }, (_, i) => i + 1);
