// What is said in a room: the messages, what of them is read, and what is written.

import { announcer } from './announcer.js';
import { composer } from './composer.js';
import { scrollingLog } from './log.js';
import { Messages } from './messages.js';
import { onTheirWay } from './onitsway.js';
import { Pictures } from './pictures.js';
import { Unread } from './unread.js';

/** @typedef {import('../sixseat.js').Message} Message */

/**
 * @param {object} given
 * @param {string} given.me member id
 * @param {import('./draft.js').Draft} given.draft
 * @param {() => import('../sixseat/room.js').Room} given.room
 * @param {(text: string, imageId?: string) => void} given.send may throw a problem for the writer
 * @param {(problem: unknown) => void} given.failed
 * @param {(n: number) => void} given.missed how many messages came while the window was hidden
 * @param {() => void} given.lostFocus what had it is gone
 * @param {(imageId: string) => Promise<Blob>} given.picture one that was sent here
 */
export function conversation({ me, draft, room, send, failed, missed: tellMissed, lostFocus, picture }) {
  const announce = announcer();
  const unread = new Unread(me);
  const pictures = new Pictures(picture);
  const messages = new Messages(me, (image, alt) => pictures.show(image, alt));
  const pending = onTheirWay({ retry: (key) => room().retry(key), discard: (key) => room().discard(key), lostFocus });
  const log = scrollingLog({
    content: [messages.node, pending.node],
    older: () => room().loadOlder().then(() => true, (/** @type {unknown} */ problem) => {
      failed(problem);
      return false;
    }),
    onSeen: () => seen(),
  });
  const write = composer({
    draft,
    to: {
      upload: (blob, options) => room().upload(blob, options),
      uploaded: (imageId, blob) => pictures.keep(imageId, blob),
      send(text, imageId) {
        send(text, imageId);
        unread.answered();
        messages.unreadFrom(0);
        log.toEnd();
      },
    },
    typing: () => room().typing(),
  });
  let entered = false; // history is here: what comes now is news
  let missed = 0;

  /** What is on the screen is read. */
  const seen = () => {
    if (document.hidden || !entered) return;
    if (missed > 0) tellMissed((missed = 0));
    const seq = log.following ? room().lastSeq : messages.lastAbove(log.bottom);
    if (unread.saw(seq)) room().read(seq);
  };
  /** @param {Message[]} newest */
  const open = (newest) => {
    entered = true;
    unread.opened(room().people.get(me)?.lastReadSeq ?? 0, newest);
    messages.append(newest);
    messages.unreadFrom(unread.from);
    log.hasOlder(room().hasOlder);
    if (messages.divider) log.show(messages.divider);
    else log.toEnd();
  };
  /** @param {Message[]} news */
  const add = (news) => {
    const ofOthers = news.filter(({ memberId }) => memberId !== me);
    ofOthers.forEach((message) => unread.arrived(message, log.following && !document.hidden));
    const count = ofOthers.filter((message) => unread.counts(message)).length;
    log.grow(() => {
      messages.append(news);
      messages.unreadFrom(unread.from);
    }, count);
    if (document.hidden && count > 0) tellMissed((missed += count));
    announce.announce(ofOthers);
  };
  /** @param {Message[]} older */
  const before = (older) => {
    unread.older(older);
    log.keep(() => {
      messages.prepend(older);
      messages.unreadFrom(unread.from);
      log.hasOlder(room().hasOlder);
    });
  };
  document.addEventListener('visibilitychange', seen);
  const close = () => {
    document.removeEventListener('visibilitychange', seen);
    [log, write, pictures].forEach((part) => part.close());
    announce.close();
  };
  return {
    log, write, announcer: announce.node, close,
    /** What the room tells. */
    on: {
      /** @param {Message[]} some @param {'end'|'start'} where */
      messages(some, where) {
        if (where === 'start') before(some);
        else if (entered) add(some);
        else open(some);
        seen();
      },
      /** @param {number} firstSeq */
      trimmed: (firstSeq) => log.keep(() => {
        messages.trim(firstSeq);
        messages.unreadFrom(unread.from);
        log.hasOlder(true);
      }),
      /** @param {import('../sixseat.js').Pending[]} items */
      pending: (items) => log.grow(() => pending.show(items)),
    },
    /** @param {import('../sixseat.js').Person[]} people */
    people: (people) => log.grow(() => messages.people(people)),
  };
}
