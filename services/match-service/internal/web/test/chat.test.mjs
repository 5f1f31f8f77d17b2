import { afterEach, describe, it } from 'node:test';
import assert from 'node:assert/strict';
import '../static/words/chat.js';
import { Problem } from '../static/sixseat.js';
import { setLanguage } from '../static/words.js';
import { announcement } from '../static/chat/announcer.js';
import { sends } from '../static/chat/composer.js';
import { beginsDay, dayName } from '../static/chat/days.js';
import { mayComeIn } from '../static/chat/entry.js';
import { pieces } from '../static/chat/links.js';
import { plain, seenText, typingText } from '../static/chat/names.js';
import { pasted, picked } from '../static/chat/picking.js';
import { seenMarks } from '../static/chat/seen.js';
import { Unread } from '../static/chat/unread.js';

afterEach(() => setLanguage('en'));

describe('links', () => {
  const links = (text) => pieces(text).filter(({ href }) => href).map((piece) => piece.text);
  const cases = {
    'see https://a.example/x?y=1#z now': ['https://a.example/x?y=1#z'],
    'HTTP://A.EXAMPLE': ['HTTP://A.EXAMPLE'],
    'two: http://a.example and https://b.example.': ['http://a.example', 'https://b.example'],
    '(https://a.example/film_(1999))': ['https://a.example/film_(1999)'],
    'really? https://a.example/?!': ['https://a.example/'],
    '"https://a.example/q"': ['https://a.example/q'],
    '봐요: https://a.example/영화。': ['https://a.example/영화'],
    'javascript:alert(1) data:text/html,x ftp://a.example file:///etc': [],
    'https://': [],
    'xhttps://a.example': [],
    'https://bank.example@evil.example/': [],
    '<script src="https://a.example/x.js"></script>': ['https://a.example/x.js'],
    'https://a.example/\u202Egpj.exe': ['https://a.example/'],
  };
  for (const [text, want] of Object.entries(cases)) it(JSON.stringify(text), () => assert.deepEqual(links(text), want));

  it('leave the text as it was', () => {
    for (const text of [...Object.keys(cases), '', 'no link', '한글 🎬\n\nx']) {
      assert.equal(pieces(text).map((piece) => piece.text).join(''), text);
    }
  });

  it('lead only to http and https', () => {
    for (const text of Object.keys(cases)) {
      for (const { href } of pieces(text)) assert.match(href ?? 'http://', /^https?:\/\//);
    }
  });
});

describe('days', () => {
  const at = (year, month, day, hour = 0, minute = 0) => new Date(year, month, day, hour, minute).toISOString();

  it('begin with the first message and at midnight, in local time', () => {
    assert.equal(beginsDay(at(2026, 0, 5, 12), undefined), true);
    assert.equal(beginsDay(at(2026, 0, 5, 23, 59), at(2026, 0, 5, 0, 0)), false);
    assert.equal(beginsDay(at(2026, 0, 6, 0, 0), at(2026, 0, 5, 23, 59)), true);
    assert.equal(beginsDay(at(2026, 1, 5), at(2026, 0, 5)), true);
  });

  it('have the names that people use', () => {
    const now = new Date(2026, 2, 1, 8);
    assert.equal(dayName(at(2026, 2, 1, 0, 1), now), 'Today');
    assert.equal(dayName(at(2026, 1, 28, 23), now), 'Yesterday');
    assert.equal(dayName(at(2026, 1, 27, 23), now), 'Friday, February 27, 2026');
    setLanguage('ko');
    assert.equal(dayName(at(2026, 1, 27, 23), now), '2026년 2월 27일 금요일');
  });
});

describe('who has seen', () => {
  const people = (...read) => read.map((lastReadSeq, i) => ({ nickname: `p${i}`, lastReadSeq }));

  it('stands at the newest own message that each has read', () => {
    const marks = seenMarks([2, 5, 9], people(1, 4, 5, 8, 20));
    assert.deepEqual([...marks], [[2, { names: ['p1'], all: false }], [5, { names: ['p2', 'p3'], all: false }], [9, { names: ['p4'], all: false }]]);
  });

  it('is all when it is everybody, of several', () => {
    assert.equal(seenMarks([2], people(2, 3)).get(2).all, true);
    assert.equal(seenMarks([2], people(3)).get(2).all, false);
    assert.equal(seenMarks([2], []).size, 0);
  });

  it('keeps names apart, which may be written from right to left', () => {
    assert.deepEqual(typingText(['Kim', 'שרה']), [
      { text: 'Kim', name: true }, { text: ' and ' }, { text: 'שרה', name: true }, { text: ' are typing…' },
    ]);
  });

  it('is put in words, as is who types', () => {
    assert.equal(plain(seenText({ names: ['Kim', 'Lee'], all: false })), 'seen by Kim and Lee');
    assert.equal(plain(seenText({ names: ['Kim', 'Lee'], all: true })), 'seen by all');
    assert.equal(plain(seenText({ names: ['Kim', 'Lee', 'Ann'], all: false })), 'seen by Kim, Lee and 1 more');
    assert.equal(plain(typingText([])), '');
    assert.equal(plain(typingText(['Kim'])), 'Kim is typing…');
    assert.equal(plain(typingText(['Kim', 'Lee'])), 'Kim and Lee are typing…');
    assert.equal(plain(typingText(['a', 'b', 'c', 'd'])), '4 people are typing…');
    setLanguage('ko');
    assert.equal(plain(typingText(['Kim'])), 'Kim님이 입력하고 있어요…');
    assert.equal(plain(seenText({ names: ['Kim', 'Lee', 'Ann', 'Bo'], all: false })), 'Kim, Lee님 외 2명이 읽음');
  });
});

describe('the line where unread messages begin', () => {
  /** @param {any} [type] @returns {import('../static/chat/unread.js').Message} */
  const message = (seq, memberId = 'you', type = 'TEXT') => ({ seq, memberId, type });

  it('stands before the first message of others that was not read', () => {
    const unread = new Unread('me');
    unread.opened(2, [message(1), message(2), message(3, 'me'), message(4, 'you', 'ENTER'), message(5), message(6)]);
    assert.equal(unread.from, 5);
  });

  it('is not there where all was read', () => {
    const unread = new Unread('me');
    unread.opened(6, [message(5), message(6)]);
    assert.equal(unread.from, 0);
  });

  it('moves up when older messages turn out to be unread too', () => {
    const unread = new Unread('me');
    unread.opened(2, [message(10), message(11)]);
    unread.saw(11); // on the way up
    unread.older([message(1), message(2), message(3), message(9)]);
    assert.equal(unread.from, 3);
    unread.older([message(0)]);
    assert.equal(unread.from, 3);
  });

  it('comes with what arrives unseen, stays with what follows, and goes when one answers', () => {
    const unread = new Unread('me');
    unread.opened(1, [message(1)]);
    unread.arrived(message(2), true);
    assert.equal(unread.from, 0);
    assert.equal(unread.saw(2), true);
    assert.equal(unread.saw(2), false, 'told already');
    unread.arrived(message(3, 'me'), false);
    unread.arrived(message(4), false);
    unread.arrived(message(5), false);
    assert.equal(unread.from, 4);

    assert.equal(unread.saw(5), true);
    assert.equal(unread.saw(7), false, 'one\'s own');
    assert.equal(unread.from, 4, 'it stays where one found it');
    unread.arrived(message(8), false);
    unread.older([message(0), message(3)]);
    assert.equal(unread.from, 8, 'what was read long ago is not unread again');
    unread.answered();
    assert.equal(unread.from, 0);
  });
});

describe('announcements', () => {
  /** @returns {any} */
  const message = (comment, type = 'TEXT') => ({ type, comment, createdBy: 'Kim' });

  it('say who said what, cut to what one can listen to', () => {
    assert.equal(announcement([message('hello'), message('', 'LEAVE')]), 'Kim: hello\nKim left the room');
    assert.equal(announcement([message('🎬'.repeat(500))]), `Kim: ${'🎬'.repeat(200)}…`);
  });

  it('count where there are many', () => {
    assert.equal(announcement(Array(4).fill(message('x'))), '4 new messages');
  });
});

it('Enter sends, but not with Shift and not while a syllable is being composed', () => {
  const enter = { key: 'Enter', shiftKey: false, isComposing: false, keyCode: 13 };
  assert.equal(sends(enter), true);
  assert.equal(sends({ ...enter, shiftKey: true }), false);
  assert.equal(sends({ ...enter, isComposing: true }), false);
  assert.equal(sends({ ...enter, keyCode: 229 }), false);
  assert.equal(sends({ ...enter, key: 'a' }), false);
});

describe('a picture that is chosen, pasted or dropped', () => {
  const file = (type, size = 5, name = 'image') => ({ type, size, name });
  const MB = 1024 * 1024;

  it('is the first that can be sent', () => {
    const files = [file('text/plain'), file('image/svg+xml'), file('image/png'), file('image/jpeg')];
    assert.equal(picked(files).picture, files[2]);
  });

  it('is refused at once where its kind is not taken', () => {
    for (const type of ['text/plain', 'application/pdf', 'image/svg+xml', '']) {
      assert.equal(picked([file(type)]).problem.slug, 'picture-type');
    }
  });

  it('may be too large if it can be made smaller', () => {
    assert.ok(picked([file('image/jpeg', 6 * MB)]).picture);
    assert.equal(picked([file('image/gif', 6 * MB)]).problem.slug, 'picture-size');
  });

  it('gives way to the text that was copied with it, unless that is its name', () => {
    const files = [file('image/png', 5, 'image.png')];
    assert.deepEqual(pasted(files, 'A1\tB1\r\n'), []);
    assert.equal(pasted(files, ''), files);
    assert.equal(pasted(files, 'image.png'), files);
  });
});

describe('a message that was not sent', () => {
  it('may be sent again unless it was refused for what it is', () => {
    for (const status of [0, 401, 409, 429, 503]) assert.equal(mayComeIn(new Problem({ status })), true, String(status));
    assert.equal(mayComeIn(null), true);
    for (const status of [400, 413]) assert.equal(mayComeIn(new Problem({ status })), false, String(status));
  });
});
