package chat

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sixseat/sixseat/pkg/chatapi"
	"github.com/sixseat/sixseat/pkg/fault"
)

// wall is a Pictures, and a Journal and a Store that say what they are told.
type wall struct {
	*script
	NoPictures
	kept    []string // the ids of pictures
	there   bool     // pictures are kept already
	refuses string   // a picture that is none
	stuck   error    // of Remove

	answers []answer // of the journal, in their order
	newest  []Message
}

type answer struct {
	stored  []Stored
	err     error
	refusal error // of Append itself
}

func (w *wall) Accept(_ context.Context, _, _, id string) (chatapi.Picture, bool, error) {
	if id == w.refuses {
		return chatapi.Picture{}, false, fault.BadField("imageId", "is no picture")
	}
	if !w.there {
		w.kept = append(w.kept, id)
	}
	return chatapi.Picture{ImageID: id}, !w.there, nil
}

func (w *wall) Remove(_ context.Context, _, id string) error {
	w.kept = slices.DeleteFunc(w.kept, func(k string) bool { return k == id && w.stuck == nil })
	return w.stuck
}

func (w *wall) Append(_ []Post, done func([]Stored, error)) error {
	a := w.answers[0]
	w.answers = w.answers[1:]
	if a.refusal == nil {
		go done(a.stored, a.err)
	}
	return a.refusal
}

func (w *wall) Messages(context.Context, string, Page) ([]Message, bool, error) {
	return w.newest, false, nil
}

func picture(n int) string { return fmt.Sprintf("%s%02d", imageID[:len(imageID)-2], n) }

// What a SEND keeps, and then is not stored, does not stay.
func TestPost_leavesNoPictureWithoutAMessage(t *testing.T) {
	free, stored := []Stored{{Standing: Inside}}, []Stored{{Seq: 7, Standing: Inside}}
	known, left := []Stored{{Seq: 5, Known: true, Standing: Inside}}, []Stored{{Standing: Left}}
	full := fault.New(fault.Unavailable, "Full.")
	for what, c := range map[string]struct {
		wall
		drafts int
		kept   []string
		left   int64
	}{
		"it is stored":                               {wall: wall{answers: []answer{{stored: free}, {stored: stored}}}, kept: []string{picture(0)}},
		"its author has left":                        {wall: wall{answers: []answer{{stored: left}, {stored: left}}}},
		"its author leaves meanwhile":                {wall: wall{answers: []answer{{stored: free}, {stored: left}}}},
		"its key is known":                           {wall: wall{answers: []answer{{stored: known}, {stored: known}}}},
		"its key becomes known, of another picture":  {wall: wall{answers: []answer{{stored: free}, {stored: known}}}},
		"its key becomes known, of the same":         {wall: wall{answers: []answer{{stored: free}, {stored: known}}, newest: []Message{{Image: &chatapi.Picture{ImageID: picture(0)}}}}, kept: []string{picture(0)}},
		"it was kept before by another":              {wall: wall{there: true, kept: []string{picture(0)}, answers: []answer{{stored: free}, {stored: left}}}, kept: []string{picture(0)}},
		"the journal is full":                        {wall: wall{answers: []answer{{stored: free}, {refusal: full}}}},
		"the journal is full at once":                {wall: wall{answers: []answer{{refusal: full}}}},
		"nobody knows whether it is stored":          {wall: wall{answers: []answer{{stored: free}, {err: full}}}, kept: []string{picture(0)}},
		"the second of a transaction is no picture":  {wall: wall{refuses: picture(1), answers: []answer{{stored: append(free, free...)}}}, drafts: 2},
		"the second's author is outside of its room": {wall: wall{answers: []answer{{stored: append(free, left...)}, {stored: append(free, left...)}}}, drafts: 2},
		"it cannot be removed":                       {wall: wall{stuck: errors.New("away"), answers: []answer{{stored: free}, {stored: left}}}, kept: []string{picture(0)}, left: 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := c.wall
			w.script = &script{}
			g := NewGallery(&w, &w)
			var drafts []Draft
			for i := range max(1, c.drafts) {
				d := image("")
				d.Body = fmt.Appendf(nil, `{"type":"IMAGE","imageId":%q}`, picture(i))
				drafts = append(drafts, d)
			}
			answered := 0
			if err := New(&w, &w, &w, &w, &w, g, time.Now).Post(author, drafts, func() {}, func([]Post, []Stored, error) { answered++ }); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			g.Close()
			if answered != 1 || !slices.Equal(w.kept, c.kept) || g.Left() != c.left || len(w.answers) > 0 {
				t.Errorf("%s: answered %d times, %v stay, want %v; %d could not be removed; the journal was not asked %d times", what, answered, w.kept, c.kept, g.Left(), len(w.answers))
			}
		})
	}
}
