// Who has seen which of one's own messages.

/**
 * Each reader stands at the newest of one's own messages that they have read; all before
 * are read as well.
 * @param {number[]} own seqs of one's own messages, ascending
 * @param {Pick<import('../sixseat.js').Person, 'nickname'|'lastReadSeq'>[]} others those who are in the room still
 * @returns {Map<number, {names: string[], all: boolean}>} by seq
 */
export function seenMarks(own, others) {
  const marks = new Map();
  for (const { nickname, lastReadSeq } of others) {
    const seq = own.findLast((one) => one <= lastReadSeq);
    if (seq === undefined) continue;
    if (!marks.has(seq)) marks.set(seq, { names: [], all: false });
    marks.get(seq).names.push(nickname);
  }
  for (const mark of marks.values()) mark.all = others.length > 1 && mark.names.length === others.length;
  return marks;
}
