// What is kept in this browser from one visit to the next.

const KEY = 'sixseat.member';

/**
 * @typedef {object} Member
 * @property {string} memberId
 * @property {string} nickname
 * @property {string} token
 * @property {string} expiresAt
 */

// Private windows and strict settings refuse storage; then a member lasts as long as the page.
let inMemory = null;

/** @returns {Member|null} who this browser is */
export function loadMember() {
  try {
    const member = JSON.parse(localStorage.getItem(KEY) ?? 'null');
    return typeof member?.token === 'string' ? member : inMemory;
  } catch (error) {
    console.warn('the kept member cannot be read', error);
    return inMemory;
  }
}

/** @param {Member|null} member null forgets */
export function saveMember(member) {
  inMemory = member;
  try {
    if (member) localStorage.setItem(KEY, JSON.stringify(member));
    else localStorage.removeItem(KEY);
  } catch (error) {
    console.warn('the member cannot be kept for the next visit', error);
  }
}
