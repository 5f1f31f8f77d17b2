// How long to wait before trying again.

const BASE = 500; // ms; what a person hardly notices
const CAP = 30_000; // ms; nobody should stare at a page for longer than that
const FLOOR = 100; // ms; jitter may come out at nothing, and a loop without a pause is a flood

/**
 * Exponential with full jitter: everybody who lost the same server comes back spread out.
 * @param {number} attempt 0 for the first
 * @returns {number} milliseconds
 */
export function backoff(attempt) {
  return FLOOR + Math.random() * Math.min(CAP, BASE * 2 ** Math.min(attempt, 16));
}
