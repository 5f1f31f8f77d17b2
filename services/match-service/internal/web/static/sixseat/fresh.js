// A long evening on one socket: before the token is stale, the session goes on with a fresh one.

const AGAIN = 60_000; // ms; where no fresh token could be had
const LONGEST = 2 ** 31 - 1; // ms; setTimeout takes no more

/**
 * @param {Pick<import('./identity.js').Identity, 'token'|'staleAt'>} identity
 * @param {string} token that the session has
 * @param {(token: string) => void} use gives the session another
 * @returns {() => void} ends it
 */
export function keepFresh(identity, token, use) {
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let timer;
  let over = false;
  const look = async () => {
    try {
      const fresh = await identity.token();
      if (over) return;
      if (fresh !== token) use((token = fresh));
    } catch (error) {
      console.warn('the token stays as it is', error); // when its time is over, 4001 says so
    }
    if (!over) later(AGAIN);
  };
  /** @param {number} least */
  const later = (least) => {
    const left = identity.staleAt - Date.now();
    timer = setTimeout(look, Math.min(LONGEST, Math.max(least, left || 0)));
  };
  later(0);
  return () => {
    over = true;
    clearTimeout(timer);
  };
}
