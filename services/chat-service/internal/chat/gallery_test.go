package chat

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sixseat/sixseat/pkg/chatapi"
	"github.com/sixseat/sixseat/pkg/fault"
	"github.com/sixseat/sixseat/pkg/token"
)

const imageID = "019f7fd2-44c0-7c55-8f0e-2b7b0b0e6d77"

// album is a Pictures that does what it is told.
type album struct {
	NoPictures
	late   *atomic.Int64
	accept func(ctx context.Context) (chatapi.Picture, error)
}

func (a album) Late(n int) {
	if a.late != nil {
		a.late.Add(int64(n))
	}
}

func (a album) Accept(ctx context.Context, _, _, id string, before func(context.Context) error) (chatapi.Picture, error) {
	p, err := a.accept(ctx)
	if err == nil {
		err = before(ctx)
	}
	p.ImageID = id
	return p, err
}

func image(key string) Draft {
	return Draft{RoomID: room, Body: []byte(fmt.Sprintf(`{"type":"IMAGE","imageId":%q}`, imageID)), Key: key, HasKey: key != ""}
}

// hang is S3 that does not answer.
func hang(ctx context.Context) (chatapi.Picture, error) {
	<-ctx.Done()
	return chatapi.Picture{}, fault.New(fault.Unavailable, "It is away.")
}

func TestPost_storesAPictureWithWhatItShows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{stored: []Stored{{Seq: 5, Standing: Inside}}}
		g := NewGallery(album{accept: func(context.Context) (chatapi.Picture, error) {
			return chatapi.Picture{ContentType: "image/png", Bytes: 7, Width: 4, Height: 3}, nil
		}}, s)
		svc := New(s, s, s, s, s, g, time.Now)
		answered := 0
		if err := svc.Post(author, []Draft{image("")}, func() {}, func(_ []Post, _ []Stored, err error) {
			if answered++; err != nil {
				t.Error(err)
			}
		}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		g.Close()
		want := chatapi.Picture{ImageID: imageID, ContentType: "image/png", Bytes: 7, Width: 4, Height: 3}
		if answered != 1 || len(s.published) != 1 || s.published[0].Image == nil || *s.published[0].Image != want {
			t.Errorf("answered %d times, shown %+v", answered, s.published)
		}
		if err := svc.Post(author, []Draft{image("")}, func() {}, nil); !fault.Is(err, fault.Stopping) {
			t.Errorf("after Close: %v", err)
		}
	})
}

func TestPost_aPictureThatIsRefusedIsAnsweredByItsKeyAlone(t *testing.T) {
	for key, appended := range map[string]int{"": 1, "k": 2} { // first whether it would be stored at all
		synctest.Test(t, func(t *testing.T) {
			s := &script{stored: []Stored{{Seq: 0, Standing: Inside}}}
			g := NewGallery(album{accept: func(context.Context) (chatapi.Picture, error) {
				return chatapi.Picture{}, fault.BadField("imageId", "is no picture")
			}}, s)
			var got error
			if err := New(s, s, s, s, s, g, time.Now).Post(author, []Draft{image(key)}, func() {}, func(_ []Post, _ []Stored, err error) { got = err }); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			g.Close()
			if !fault.Is(got, fault.Invalid) || len(s.appended) != appended {
				t.Errorf("key %q: got %v, the journal was asked %d times", key, got, len(s.appended))
			}
			if last := s.appended[len(s.appended)-1]; last[0].Fault == nil {
				t.Error("it could be stored")
			}
		})
	}
}

func TestPost_textGoesOnWhileS3Hangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{stored: []Stored{{Seq: 1, Standing: Inside}}}
		g := NewGallery(album{accept: hang}, s)
		svc := New(s, s, s, s, s, g, time.Now)
		var mu sync.Mutex // guards refused
		var refused []error
		var atOnce int
		start := time.Now()
		for i := range maxWaiting + 3 {
			err := svc.Post(token.Member{ID: fmt.Sprint("member", i/maxWaitingEach)}, []Draft{image("")}, func() {}, func(_ []Post, _ []Stored, err error) {
				mu.Lock()
				defer mu.Unlock()
				refused = append(refused, err)
			})
			if fault.Is(err, fault.Unavailable) {
				atOnce++
			}
		}
		told := false
		if err := svc.Post(author, []Draft{draft(`{"type":"TEXT","comment":"hello"}`)}, func() {}, func(_ []Post, _ []Stored, err error) { told = err == nil }); err != nil || !told {
			t.Errorf("text: %v, told %v", err, told)
		}
		time.Sleep(lookTimeout)
		synctest.Wait()
		if len(refused) != maxWaiting || atOnce != 3 || time.Since(start) != lookTimeout {
			t.Errorf("%d refused after %v, %d at once", len(refused), time.Since(start), atOnce)
		}
		for _, err := range refused {
			if !fault.Is(err, fault.Unavailable) {
				t.Errorf("refused with %v", err)
			}
		}
		g.Close()
	})
}

func TestPost_nobodysPicturesTakeAllPlaces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{stored: []Stored{{Standing: Inside}}}
		g := NewGallery(album{accept: hang}, s)
		svc := New(s, s, s, s, s, g, time.Now)
		post := func(m token.Member) error {
			return svc.Post(m, []Draft{image("")}, func() {}, func([]Post, []Stored, error) {})
		}
		for range maxWaitingEach {
			if err := post(author); err != nil {
				t.Fatal(err)
			}
		}
		if err := post(author); !fault.Is(err, fault.TooMany) {
			t.Errorf("one more: %v", err)
		}
		if err := post(token.Member{ID: "another"}); err != nil {
			t.Errorf("another's: %v", err)
		}
		time.Sleep(lookTimeout)
		synctest.Wait()
		if err := post(author); err != nil {
			t.Errorf("when they were refused: %v", err)
		}
		g.Close()
		if len(g.each) != 0 || g.Waiting() != 0 {
			t.Errorf("%v wait still", g.each)
		}
	})
}

// A transaction takes a place for each of its pictures, in one room or several.
func TestPost_countsThePicturesOfATransaction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{stored: make([]Stored, maxWaitingEach)}
		for i := range s.stored {
			s.stored[i].Standing = Inside
		}
		var late atomic.Int64
		g := NewGallery(album{accept: hang, late: &late}, s)
		svc := New(s, s, s, s, s, g, time.Now)
		post := func(member string, pictures int) error {
			drafts := make([]Draft, pictures)
			for i := range drafts {
				drafts[i] = image("")
			}
			return svc.Post(token.Member{ID: member}, drafts, func() {}, func([]Post, []Stored, error) {})
		}
		if err := post("greedy", maxWaitingEach+1); !fault.Is(err, fault.Invalid) || fault.From(err).Fields[0].Field != "imageId" {
			t.Errorf("more than one may have: %v", err)
		}
		if err := post("0", maxWaitingEach-3); err != nil {
			t.Fatal(err)
		}
		if err := post("0", 4); !fault.Is(err, fault.TooMany) {
			t.Errorf("more than one may have, in two: %v", err)
		}
		if err := post("0", 3); err != nil {
			t.Fatal(err)
		}
		for i := 1; i < maxWaiting/maxWaitingEach-1; i++ {
			if err := post(fmt.Sprint(i), maxWaitingEach); err != nil {
				t.Fatal(err)
			}
		}
		if err := post("last", maxWaitingEach-1); err != nil {
			t.Fatal(err)
		}
		if err := post("many", 2); !fault.Is(err, fault.Unavailable) || late.Swap(0) != 2 {
			t.Errorf("more than all may have: %v", err)
		}
		if err := post("last", 1); err != nil {
			t.Fatal(err)
		}
		if err := post("0", 1); !fault.Is(err, fault.Unavailable) || g.Waiting() != maxWaiting || late.Load() != 1 {
			t.Errorf("one more: %v; %d wait, %d were late", err, g.Waiting(), late.Load())
		}
		time.Sleep(lookTimeout)
		synctest.Wait()
		if err := post("0", 1); err != nil {
			t.Errorf("when they were refused: %v", err)
		}
		time.Sleep(lookTimeout)
		synctest.Wait()
		before := late.Load()
		for range maxLooking { // others are looked at for too long
			g.places <- struct{}{}
		}
		if err := post("0", 1); err != nil {
			t.Error(err)
		}
		time.Sleep(lookTimeout)
		synctest.Wait()
		if got := late.Load() - before; got != 1 {
			t.Errorf("one whose turn did not come: %d were late", got)
		}
		g.Close()
		if len(g.each) != 0 || g.Waiting() != 0 {
			t.Errorf("%v wait still", g.each)
		}
	})
}

func TestOffer_namesWhatIsWrong(t *testing.T) {
	s := &script{}
	svc := New(table{}, s, s, s, s, NewGallery(NoPictures{}, s), time.Now)
	for body, fields := range map[chatapi.NewPicture]int{
		{ContentType: "image/svg+xml", Bytes: 1}:          1,
		{ContentType: "image/png; charset=x", Bytes: 1}:   1,
		{ContentType: "image/png", Bytes: 0}:              1,
		{ContentType: "image/png", Bytes: MaxPicture + 1}: 1,
		{Bytes: -1}: 2,
	} {
		if _, err := svc.Offer(t.Context(), room, author, body); !fault.Is(err, fault.Invalid) || len(fault.From(err).Fields) != fields {
			t.Errorf("%+v: got %v", body, err)
		}
	}
	if s.taken != 0 {
		t.Error("what is refused counts")
	}
	if _, err := svc.Offer(t.Context(), room, author, chatapi.NewPicture{ContentType: "image/png", Bytes: MaxPicture}); !fault.Is(err, fault.Unavailable) || s.taken != 1 {
		t.Errorf("where there is no place: %v", err)
	}
	for _, id := range []string{"", "..", "../" + imageID, "%2e%2e", "{" + imageID + "}"} {
		if _, err := svc.Picture(t.Context(), room, id, author); !fault.Is(err, fault.NotFound) {
			t.Errorf("%q: got %v", id, err)
		}
	}
}
