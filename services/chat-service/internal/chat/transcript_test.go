package chat

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/sixseat/sixseat/pkg/fault"
	"github.com/sixseat/sixseat/pkg/token"
)

// longRoom is a table whose rooms have so many messages, of which some may be lost.
type longRoom struct {
	table
	last, lost int64
}

func (l longRoom) Room(context.Context, string) (Room, error) { return Room{LastSeq: l.last}, nil }

func (l longRoom) Messages(_ context.Context, _ string, p Page) (page []Message, more bool, err error) {
	for seq := *p.After + 1; seq <= l.last-l.lost+5 && len(page) < p.Limit; seq++ { // five were said meanwhile
		page = append(page, Message{Seq: seq})
	}
	return page, true, nil
}

func TestTranscript_isAllUntilNowInPages(t *testing.T) {
	for _, last := range []int64{1, MaxPage, 2*MaxPage + 7} {
		seen := int64(0)
		err := New(longRoom{last: last}, nil, nil, nil, nil, nil, nil).Transcript(t.Context(), room, author, func(r Room, page []Message) error {
			for _, m := range page {
				if seen++; m.Seq != seen || len(page) > MaxPage || r.LastSeq != last {
					t.Errorf("%d follows %d in a page of %d", m.Seq, seen-1, len(page))
				}
			}
			return nil
		})
		if err != nil || seen != last {
			t.Errorf("%d of %d, %v", seen, last, err)
		}
	}
}

// What is missing is an error, and not an end.
func TestTranscript_endsWithAnErrorWhereItIsNotWhole(t *testing.T) {
	pages := 0
	svc := New(longRoom{last: 2 * MaxPage, lost: MaxPage + 5}, nil, nil, nil, nil, nil, nil)
	err := svc.Transcript(t.Context(), room, author, func(Room, []Message) error { pages++; return nil })
	if err == nil || pages != 1 {
		t.Errorf("%d pages, then %v", pages, err)
	}
	gone := errors.New("the reader is gone")
	if err := svc.Transcript(t.Context(), room, author, func(Room, []Message) error { return gone }); err != gone {
		t.Errorf("got %v, want what ended it, and that it may be read again", err)
	}
}

func TestTranscript_isReadByOneAtATimeAndByFew(t *testing.T) {
	svc := New(longRoom{last: 1}, nil, nil, nil, nil, nil, nil)
	read := func(member int, meanwhile func()) error {
		return svc.Transcript(t.Context(), room, token.Member{ID: fmt.Sprint(member)}, func(Room, []Message) error { meanwhile(); return nil })
	}
	deepest := 0
	var all func(member int)
	all = func(member int) {
		deepest = member
		if err := read(member, func() {}); !fault.Is(err, fault.TooMany) || fault.From(err).RetryAfter == 0 {
			t.Errorf("member %d twice: %v", member, err)
		}
		if err := read(member+1, func() { all(member + 1) }); err != nil && (!fault.Is(err, fault.Unavailable) || fault.From(err).RetryAfter == 0) {
			t.Errorf("member %d: %v", member+1, err)
		}
	}
	for range 2 { // and again when all are through
		if err := read(1, func() { all(1) }); err != nil || deepest != maxTranscripts {
			t.Errorf("%d at once, %v; want %d", deepest, err, maxTranscripts)
		}
	}
}
