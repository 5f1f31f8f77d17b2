package chat

import (
	"context"
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
	noted   []string // the ids of pictures
	kept    []string
	refuses string // a picture that is none
	removed error  // what Sending says

	answers []answer // of the journal, in their order
}

type answer struct {
	stored  []Stored
	err     error
	refusal error // of Append itself
}

func (w *wall) Sending(_ context.Context, _, id string, _ time.Time) error {
	w.noted = append(w.noted, id)
	return w.removed
}

func (w *wall) Accept(ctx context.Context, _, _, id string, before func(context.Context) error) (chatapi.Picture, error) {
	if id == w.refuses {
		return chatapi.Picture{}, fault.BadField("imageId", "is no picture")
	}
	if err := before(ctx); err != nil {
		return chatapi.Picture{}, err
	}
	w.kept = append(w.kept, id)
	return chatapi.Picture{ImageID: id}, nil
}

func (w *wall) Append(_ []Post, done func([]Stored, error)) error {
	a := w.answers[0]
	w.answers = w.answers[1:]
	if a.refusal == nil {
		go done(a.stored, a.err)
	}
	return a.refusal
}

func picture(n int) string { return fmt.Sprintf("%s%02d", imageID[:len(imageID)-2], n) }

// Little is kept in vain, and all that is kept is noted before, whatever becomes of its SEND.
func TestPost_notesEachPictureBeforeItIsKept(t *testing.T) {
	free, stored := []Stored{{Standing: Inside}}, []Stored{{Seq: 7, Standing: Inside}}
	known, left := []Stored{{Seq: 5, Known: true, Standing: Inside}}, []Stored{{Standing: Left}}
	full := fault.New(fault.Unavailable, "Full.")
	first, both := []string{picture(0)}, []string{picture(0), picture(1)}
	for what, c := range map[string]struct {
		wall
		drafts int
		noted  []string
		kept   []string
		want   error // nil: none
	}{
		"it is stored":                {wall: wall{answers: []answer{{stored: free}, {stored: stored}}}, noted: first, kept: first},
		"its author has left":         {wall: wall{answers: []answer{{stored: left}, {stored: left}}}},
		"its author leaves meanwhile": {wall: wall{answers: []answer{{stored: free}, {stored: left}}}, noted: first, kept: first},
		"its key is known":            {wall: wall{answers: []answer{{stored: known}, {stored: known}}}},
		"the journal is full at once": {wall: wall{answers: []answer{{refusal: full}}}, want: full},
		"the journal is full":         {wall: wall{answers: []answer{{stored: free}, {refusal: full}}}, noted: first, kept: first, want: full},
		"it cannot be noted":          {wall: wall{removed: full, answers: []answer{{stored: free}}}, noted: first, want: full},
		"it is removed meanwhile":     {wall: wall{answers: []answer{{stored: free}, {stored: free}}}, noted: first, kept: first, want: PictureRemoved()},
		"of two, one is removed":      {wall: wall{answers: []answer{{stored: append(free, free...)}, {stored: append(free, free...)}}}, drafts: 2, noted: both, kept: both, want: PictureRemoved()},
		"the second is no picture":    {wall: wall{refuses: picture(1), answers: []answer{{stored: append(free, free...)}}}, drafts: 2, noted: first, kept: first, want: fault.BadField("imageId", "is no picture")},
		"the second is outside":       {wall: wall{answers: []answer{{stored: append(free, left...)}, {stored: append(free, left...)}}}, drafts: 2},
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
			var got error
			if err := New(&w, &w, &w, &w, &w, g, time.Now).Post(author, drafts, func() {}, func(_ []Post, _ []Stored, err error) { answered++; got = err }); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			g.Close()
			if answered != 1 || !slices.Equal(w.noted, c.noted) || !slices.Equal(w.kept, c.kept) || len(w.answers) > 0 {
				t.Errorf("%s: answered %d times; noted %v, kept %v; want %v, %v; the journal was not asked %d times", what, answered, w.noted, w.kept, c.noted, c.kept, len(w.answers))
			}
			if fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("%s: told %v, want %v", what, got, c.want)
			}
		})
	}
}
