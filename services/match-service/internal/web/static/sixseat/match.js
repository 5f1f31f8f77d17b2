// Waits for a film until six are there, and takes the seat: the whole way of a program.

import { own } from './problem.js';

/**
 * @param {(on: Omit<ConstructorParameters<typeof import('./queue.js').Queue>[0], 'api'|'openStream'>) => import('./queue.js').Queue} open
 * @param {string} movieId
 * @param {{also?: string[], state?: (state: import('./contract.d.ts').State) => void, signal?: AbortSignal}} options
 * @returns {Promise<import('./contract.d.ts').RoomDetails>}
 */
export function match(open, movieId, { also, state = () => {}, signal }) {
  return new Promise((resolve, reject) => {
    const end = (/** @type {() => void} */ tell) => {
      queue.close();
      tell();
    };
    const queue = open({
      onState: (now) => (now.state === 'idle' ? end(() => reject(own('not-matched', `The wait has ended: ${now.reason ?? 'cancelled'}.`, { status: 409 }))) : state(now)),
      onSeated: (room) => end(() => resolve(room)),
      onTrouble: (trouble) => trouble && console.warn('queue', trouble),
    });
    if (signal?.aborted) return end(() => reject(signal.reason));
    signal?.addEventListener('abort', () => queue.cancel().catch((problem) => end(() => reject(problem))));
    queue.join(movieId, also).catch((problem) => end(() => reject(problem)));
  });
}
