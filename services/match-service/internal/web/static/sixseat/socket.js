// Where and how the socket connects.

import { own, unreachable } from './problem.js';

const PROTOCOLS = ['v12.stomp', 'v11.stomp', 'v10.stomp'];

/**
 * What stompjs needs to know.
 * @param {string} server its address; '' is the page's own origin
 * @param {new (url: string, protocols: string[]) => any} WebSocket
 */
export function socketOf(server, WebSocket) {
  if (!WebSocket) throw own('no-websocket', 'There is no WebSocket here: give the constructor one, that of the package ws, say.', { status: 400 });
  const url = `${(server || location.origin).replace(/^http/, 'ws').replace(/\/$/, '')}/chat/ws`;
  return { brokerURL: url, webSocketFactory: () => new WebSocket(url, PROTOCOLS) };
}

/** stompjs comes with the first room: a fifth of the page is seen sooner without it. */
export async function stomp() {
  try {
    return (await import('../vendor/stompjs/client.js')).Client;
  } catch (error) {
    throw unreachable(error, 'stompjs');
  }
}
