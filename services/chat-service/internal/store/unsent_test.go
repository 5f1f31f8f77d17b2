package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/uuid"

	"github.com/sixseat/sixseat/pkg/chatapi"
	"github.com/sixseat/sixseat/pkg/database"
	"github.com/sixseat/sixseat/pkg/embedded"
	"github.com/sixseat/sixseat/pkg/fault"
	"github.com/sixseat/sixseat/pkg/token"

	"github.com/sixseat/sixseat/services/chat-service/internal/archive"
	"github.com/sixseat/sixseat/services/chat-service/internal/awsarchive"
	"github.com/sixseat/sixseat/services/chat-service/internal/awspictures"
	"github.com/sixseat/sixseat/services/chat-service/internal/chat"
	"github.com/sixseat/sixseat/services/chat-service/internal/orphans"
)

// darkroom is where members of a room send pictures, and nodes die meanwhile.
type darkroom struct {
	*vault
	client   *s3.Client
	bucket   string
	pictures *awspictures.Pictures
	journal  *Journal
	hours    atomic.Int64 // that the clock of sweepers is ahead
	room     string
}

func newDarkroom(t *testing.T, s *Store) *darkroom {
	t.Helper()
	files := startS3(t)
	return darkroomOn(t, s, files.Client, embedded.Bucket)
}

func darkroomOn(t *testing.T, s *Store, client *s3.Client, bucket string) *darkroom {
	t.Helper()
	v := &vault{T: t, store: s, objects: awsarchive.New(client, bucket), now: time.Now().Add(month + time.Hour)}
	d := &darkroom{vault: v, client: client, bucket: bucket, room: fullRoom(t, s, 2), journal: s.Journal(func() {}, slog.New(slog.DiscardHandler))}
	d.pictures = awspictures.New(client, bucket, "", time.Now, slog.New(slog.DiscardHandler))
	t.Cleanup(d.journal.Close)
	return d
}

// upload puts a picture to where it may be sent from.
func (d *darkroom) upload() string {
	d.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 4, 3))); err != nil {
		d.Fatal(err)
	}
	o, err := d.pictures.Offer(d.Context(), d.room, "member1", chatapi.NewPicture{ContentType: "image/png", Bytes: int64(b.Len())})
	if err != nil {
		d.Fatal(err)
	}
	req, err := http.NewRequestWithContext(d.Context(), http.MethodPut, o.Upload.URL, &b)
	if err != nil {
		d.Fatal(err)
	}
	for name, value := range o.Upload.Headers {
		req.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		d.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		d.Fatal("upload:", resp.Status)
	}
	return o.ImageID
}

// moment is a node to which something happens at a step of its SEND.
type moment struct {
	chat.Store
	chat.Pictures
	chat.Journal
	at   string
	what func() error // its error is that the node does nothing any more
}

var sendSteps = []string{"before the note", "after the note", "after the write", "after the commit"}

func (m *moment) reach(step string) error {
	if m.at != step {
		return nil
	}
	return m.what()
}

func (m *moment) Sending(ctx context.Context, roomID, imageID string, at time.Time) error {
	if err := m.reach("before the note"); err != nil {
		return err
	}
	return errors.Join(m.Store.Sending(ctx, roomID, imageID, at), m.reach("after the note"))
}

func (m *moment) Accept(ctx context.Context, roomID, memberID, imageID string, before func(context.Context) error) (chatapi.Picture, error) {
	p, err := m.Pictures.Accept(ctx, roomID, memberID, imageID, before)
	return p, errors.Join(err, m.reach("after the write"))
}

func (m *moment) Append(posts []chat.Post, done func([]chat.Stored, error)) error {
	return m.Journal.Append(posts, func(stored []chat.Stored, err error) {
		go func() { // what happens may need the journal
			if posts[0].Fault == nil {
				err = errors.Join(err, m.reach("after the commit"))
			}
			done(stored, err)
		}()
	})
}

// quiet is all else that a node has.
type quiet struct{}

func (quiet) Publish(chat.Message)                                                {}
func (quiet) Flush()                                                              {}
func (quiet) Advanced(string, int64)                                              {}
func (quiet) Take(string, int) error                                              { return nil }
func (quiet) Online(context.Context, []string) (map[string]map[string]bool, bool) { return nil, false }

// send is a SEND of a picture on a node to which something happens at a step. key may be empty.
func (d *darkroom) send(picture, key, at string, what func() error) error {
	return d.sendBy(time.Now, picture, key, at, what)
}

func (d *darkroom) sendBy(clock func() time.Time, picture, key, at string, what func() error) error {
	m := &moment{Store: d.store, Pictures: d.pictures, Journal: d.journal, at: at, what: what}
	g := chat.NewGallery(m, quiet{})
	defer g.Close()
	drafts := []chat.Draft{{RoomID: d.room, Body: fmt.Appendf(nil, `{"type":"IMAGE","imageId":%q}`, picture), Key: key, HasKey: key != ""}}
	answered := make(chan error, 1)
	err := chat.New(m, m, quiet{}, quiet{}, quiet{}, g, clock).Post(token.Member{ID: "member1", Nickname: "user1"}, drafts, func() {}, func(_ []chat.Post, _ []chat.Stored, err error) { answered <- err })
	if err != nil {
		return err
	}
	return <-answered
}

func (d *darkroom) sendWell(picture, key string) {
	d.Helper()
	if err := d.send(picture, key, "", nil); err != nil {
		d.Error(err)
	}
}

// sweepOrphans is what a node does when all that was sent until now is old.
func (d *darkroom) sweepOrphans(rows orphans.Rows, objects orphans.Objects) error {
	return d.sweepAt(time.Now().Add(time.Duration(d.hours.Add(2))*time.Hour), rows, objects)
}

func (d *darkroom) sweepAt(now time.Time, rows orphans.Rows, objects orphans.Objects) error {
	return orphans.New(rows, d.history(), objects, func() time.Time { return now }, slog.New(slog.DiscardHandler)).Sweep(d.Context())
}

// kept are the pictures that lie in the bucket, shown those that messages have.
func (d *darkroom) kept() (ids []string) {
	d.Helper()
	prefix := "pictures/" + d.room + "/"
	pages := s3.NewListObjectsV2Paginator(d.client, &s3.ListObjectsV2Input{Bucket: &d.bucket, Prefix: &prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(d.Context())
		if err != nil {
			d.Fatal(err)
		}
		for _, object := range page.Contents {
			ids = append(ids, strings.TrimPrefix(*object.Key, prefix))
		}
	}
	return ids
}

func (d *darkroom) shown() (ids []string) {
	d.Helper()
	for _, m := range d.glance(d.room)["all"].([]chat.Message) {
		if m.Image != nil && !slices.Contains(ids, m.Image.ImageID) {
			ids = append(ids, m.Image.ImageID)
		}
	}
	return ids
}

// nothingLost: no message shows what is not there.
func (d *darkroom) nothingLost(what string) {
	d.Helper()
	kept := d.kept()
	for _, id := range d.shown() {
		if !slices.Contains(kept, id) {
			d.Errorf("%s: a message shows a picture that is not there", what)
		}
	}
}

// inTheEnd nothing is lost, and nothing stays without a message.
func (d *darkroom) inTheEnd(what string) {
	d.Helper()
	for range 2 { // each is removed twice
		if err := d.sweepOrphans(d.store, d.pictures); err != nil {
			d.Errorf("%s: %v", what, err)
		}
	}
	d.nothingLost(what)
	shown := d.shown()
	for _, id := range d.kept() {
		if !slices.Contains(shown, id) {
			d.Errorf("%s: a picture stays, and no message has it", what)
		}
	}
	var left int64
	if err := d.store.db.Model(&unsentRow{}).Where("room_id = ? AND state <> 'removed'", d.room).Count(&left).Error; err != nil || left > 0 {
		d.Errorf("%s: %d are still looked after, %v", what, left, err)
	}
}

func (d *darkroom) has(what, picture string, want bool) {
	d.Helper()
	if slices.Contains(d.shown(), picture) != want {
		d.Errorf("%s: a message has it: %t, want %t", what, !want, want)
	}
}

// A node is killed at each step of a SEND. Its member sends again elsewhere, or does not.
func testSenderKilled(t *testing.T, s *Store) { senderKilled(newDarkroom(t, s)) }

func senderKilled(d *darkroom) {
	d.Helper()
	for _, step := range sendSteps {
		for _, again := range []string{"never", "at once", "when it is too late"} {
			what := "killed " + step + ", sent again " + again
			picture, key := d.upload(), uuid.NewString()
			if err := d.send(picture, key, step, func() error { return errKilled }); !errors.Is(err, errKilled) {
				d.Errorf("%s: %v", what, err)
			}
			d.nothingLost(what)
			stored := step == "after the commit" || again == "at once"
			switch again {
			case "at once":
				d.sendWell(picture, key)
			case "when it is too late":
				if err := d.sweepOrphans(d.store, d.pictures); err != nil {
					d.Error(what, err)
				}
				// What was never noted is as it was uploaded.
				err := d.send(picture, key, "", nil)
				if stored = stored || step == "before the note"; stored != (err == nil) || !stored && !fault.Is(err, fault.Invalid) {
					d.Errorf("%s: told %v", what, err)
				}
			}
			d.inTheEnd(what)
			d.has(what, picture, stored)
		}
	}
}

// The commit itself is taken back, after the message is written and before it is done: then
// neither of the two has happened.
func testKilledInTheCommit(t *testing.T, s *Store) {
	d := newDarkroom(t, s)
	picture := d.upload()
	must := func(statements ...string) {
		t.Helper()
		for _, statement := range statements {
			if err := s.db.Exec(statement).Error; err != nil {
				t.Fatal(err)
			}
		}
	}
	mend := []string{"DROP TRIGGER killed"}
	if s.db.Name() == database.PostgreSQL {
		must(`CREATE FUNCTION killed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'killed'; END $$`,
			`CREATE TRIGGER killed BEFORE DELETE ON unsent_pictures FOR EACH ROW EXECUTE FUNCTION killed()`)
		mend = []string{"DROP TRIGGER killed ON unsent_pictures", "DROP FUNCTION killed"}
	} else {
		must(`CREATE TRIGGER killed BEFORE DELETE ON unsent_pictures BEGIN SELECT raise(ABORT, 'killed'); END`)
	}
	if err := d.send(picture, "k", "", nil); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Error("told", err)
	}
	must(mend...)
	d.has("taken back", picture, false)
	d.sendWell(picture, "k")
	d.inTheEnd("taken back and sent again")
	d.has("taken back and sent again", picture, true)
}

// A sweeper comes at each step, and finds all of it old: as if the node had stood still for
// hours. The member is told so, or the picture stays.
func testSweptMeanwhile(t *testing.T, s *Store) {
	d := newDarkroom(t, s)
	for _, step := range sendSteps {
		picture := d.upload()
		err := d.send(picture, "", step, func() error { return d.sweepOrphans(s, d.pictures) })
		d.nothingLost("swept " + step)
		stored := step == "before the note" || step == "after the commit"
		if stored != (err == nil) || !stored && !fault.Is(err, fault.Invalid) {
			t.Errorf("swept %s: told %v", step, err)
		}
		d.has("swept "+step, picture, stored)
		d.sendWell(d.upload(), "") // as the fault says
		d.inTheEnd("swept " + step)
	}
}

// The same picture is sent twice at once, and the first is refused at some step, or stored.
func testSentTwiceAtOnce(t *testing.T, s *Store) {
	d := newDarkroom(t, s)
	for _, step := range sendSteps {
		for _, refusal := range []error{nil, fault.New(fault.Forbidden, "You have left this room.")} {
			what := fmt.Sprintf("another comes %s, then the first ends with %v", step, refusal)
			picture := d.upload()
			err := d.send(picture, "", step, func() error { d.sendWell(picture, ""); return refusal })
			if (err == nil) != (refusal == nil) {
				t.Errorf("%s: told %v", what, err)
			}
			d.inTheEnd(what)
			d.has(what, picture, true)
			// And the first refusal of all is that of a later SEND.
			if err := d.send(picture, "", "after the write", func() error { return errKilled }); !errors.Is(err, errKilled) {
				t.Error(what, err)
			}
			d.inTheEnd(what + ", and a third is killed")
			d.has(what, picture, true)
		}
	}
}

// mortalSweeper is a node that is killed at some step of its sweep, as mortal is.
type mortalSweeper struct {
	orphans.Rows
	orphans.Objects
	*mortal
}

func (m mortalSweeper) Unsent(ctx context.Context, before, at time.Time) (room string, ids []string, err error) {
	err = m.step("the claim", func() (err error) { room, ids, err = m.Rows.Unsent(ctx, before, at); return err })
	return room, ids, err
}

func (m mortalSweeper) Shown(ctx context.Context, roomID, imageID string) error {
	return m.step("it is forgotten", func() error { return m.Rows.Shown(ctx, roomID, imageID) })
}

func (m mortalSweeper) Removed(ctx context.Context, roomID, imageID string) error {
	return m.step("it is noted", func() error { return m.Rows.Removed(ctx, roomID, imageID) })
}

func (m mortalSweeper) Remove(ctx context.Context, roomID, imageID string) error {
	return m.step("the removal", func() error { return m.Objects.Remove(ctx, roomID, imageID) })
}

// A sweeper is killed at each step, and another goes on.
func testSweeperKilled(t *testing.T, s *Store) {
	d := newDarkroom(t, s)
	var at []string
	for steps := 0; ; steps++ {
		lost, shown := d.upload(), d.upload()
		if err := d.send(lost, "", "after the write", func() error { return errKilled }); !errors.Is(err, errKilled) {
			t.Fatal(err)
		}
		d.sendWell(shown, "")
		if err := s.Sending(t.Context(), d.room, shown, time.Now()); err != nil { // as a SEND of it that was refused
			t.Fatal(err)
		}
		m := &mortal{steps: steps}
		if err := d.sweepOrphans(mortalSweeper{s, d.pictures, m}, mortalSweeper{s, d.pictures, m}); err == nil {
			d.inTheEnd("not killed")
			break
		}
		at = append(at, m.last)
		d.nothingLost("killed " + m.last)
		d.inTheEnd("killed " + m.last)
		d.has("killed "+m.last, lost, false)
		d.has("killed "+m.last, shown, true)
	}
	for _, step := range []string{"before the claim", "after the claim", "before the removal", "after the removal", "before it is noted", "after it is noted", "before it is forgotten", "after it is forgotten"} {
		if !slices.Contains(at, step) {
			t.Errorf("it was never killed %s, but %v", step, at)
		}
	}
}

// What a release before this one has stored took no note away, and may be archived by now.
func testShownByAnotherRelease(t *testing.T, s *Store) {
	for what, archived := range map[string]bool{"in the database": false, "in the archive": true} {
		d := newDarkroom(t, s)
		picture := d.upload()
		d.sendWell(picture, "")
		for range chat.MaxPage + 1 {
			commit(t, s, groupedPost{post(d.room, 2, "nice"), 0})
		}
		if archived {
			d.archive()
			if n := d.left(d.room); n != 0 {
				t.Fatalf("%d are not archived", n)
			}
		}
		if err := s.Sending(t.Context(), d.room, picture, time.Now()); err != nil {
			t.Fatal(err)
		}
		if archived { // nobody knows while it is away
			away := orphans.New(s, archive.NewHistory(s, archive.NoObjects{}, slog.New(slog.DiscardHandler), archive.NewCounters()), d.pictures,
				func() time.Time { return time.Now().Add(2 * time.Hour) }, slog.New(slog.DiscardHandler))
			if err := away.Sweep(t.Context()); !fault.Is(err, fault.Unavailable) {
				t.Errorf("without the archive: %v", err)
			}
			d.hours.Add(2)
			d.nothingLost("without the archive")
		}
		d.inTheEnd(what)
		d.has(what, picture, true)
	}
}

// A picture that is removed refuses its own transaction, and nobody else in the batch.
func testRemovedRefusesItsOwn(t *testing.T, s *Store) {
	d := newDarkroom(t, s)
	p := post(d.room, 1, "")
	p.Type, p.Picture = chatapi.Image, &chatapi.Picture{ImageID: uuid.NewString(), ContentType: "image/png", Bytes: 7, Width: 4, Height: 3}
	other := p
	other.ID, other.Picture = uuid.NewString(), &chatapi.Picture{ImageID: uuid.NewString(), ContentType: "image/png", Bytes: 7, Width: 4, Height: 3}
	for _, picture := range []*chatapi.Picture{p.Picture, other.Picture} {
		if err := s.Sending(t.Context(), d.room, picture.ImageID, noon); err != nil {
			t.Fatal(err)
		}
		if picture == p.Picture {
			if room, ids, err := s.Unsent(t.Context(), noon.Add(time.Second), noon); err != nil || room != d.room || !slices.Equal(ids, []string{picture.ImageID}) {
				t.Fatal(room, ids, err)
			}
		}
	}
	for range 3 { // before it is removed, then after each time
		if err := s.Sending(t.Context(), d.room, p.Picture.ImageID, noon); !fault.Is(err, fault.Invalid) {
			t.Error("noted again:", err)
		}
		again := other
		again.ID = uuid.NewString()
		got := commit(t, s, groupedPost{post(d.room, 1, "before"), 0}, groupedPost{p, 1}, groupedPost{post(d.room, 1, "with it"), 1}, groupedPost{again, 2}, groupedPost{post(d.room, 2, "after"), 3})
		for i, stored := range []bool{true, false, false, true, true} {
			if (got[i].Seq > 0) != stored || got[i].Standing != chat.Inside {
				t.Errorf("post %d: %+v", i, got[i])
			}
		}
		if err := s.Removed(t.Context(), d.room, p.Picture.ImageID); err != nil {
			t.Fatal(err)
		}
	}
	stored := groupedPost{other, 0} // stored before it was removed, and comes again
	commit(t, s, stored)
	if err := s.db.Create(&unsentRow{RoomID: d.room, ImageID: other.Picture.ImageID, State: pictureRemoved, Since: noon}).Error; err != nil {
		t.Fatal(err)
	}
	if got := commit(t, s, stored); !got[0].Known {
		t.Errorf("a known id: %+v", got[0])
	}
}

// Members send each picture twice, all at once, and a sweeper comes in the middle of each SEND.
// For sweepers only that is old which nodes send that stood still for two hours; what such a node
// writes too late is removed once more when all have ended. Of each three pictures one is sent as
// ever, one by such a node too, and one by such nodes alone, which die.
func testSweepersAndSenders(t *testing.T, s *Store) { sweepersAndSenders(newDarkroom(t, s)) }

func sweepersAndSenders(d *darkroom) {
	d.Helper()
	const each = 4
	now := time.Now()
	late := func() time.Time { return now.Add(-2 * time.Hour) }
	type sent struct {
		picture string
		told    [2]error
	}
	var well, raced, dead [each]sent
	for i := range each {
		well[i].picture, raced[i].picture, dead[i].picture = d.upload(), d.upload(), d.upload()
	}
	var senders sync.WaitGroup
	send := func(p *sent, clocks [2]func() time.Time, end error) {
		for i, clock := range clocks {
			senders.Go(func() {
				p.told[i] = d.sendBy(clock, p.picture, "", "after the write", func() error {
					if err := d.sweepAt(now, d.store, d.pictures); err != nil {
						d.Error(err)
					}
					return end
				})
			})
		}
	}
	for i := range each {
		send(&well[i], [2]func() time.Time{time.Now, time.Now}, nil)
		send(&raced[i], [2]func() time.Time{time.Now, late}, nil)
		send(&dead[i], [2]func() time.Time{late, late}, errKilled)
	}
	senders.Wait()
	var removed int64
	if err := d.store.db.Model(&unsentRow{}).Where("room_id = ? AND state = ?", d.room, pictureAgain).Count(&removed).Error; err != nil || removed < each {
		d.Errorf("%d pictures were removed, %v; want those of %d nodes that died, or more", removed, err, each)
	}
	d.inTheEnd("sent and swept")
	shown := d.shown()
	for _, p := range well {
		if p.told != [2]error{} || !slices.Contains(shown, p.picture) {
			d.Errorf("sent as ever: told %v", p.told)
		}
	}
	for _, p := range raced {
		stored := false
		for _, err := range p.told {
			stored = stored || err == nil
			if err != nil && !fault.Is(err, fault.Invalid) {
				d.Errorf("sent by a node that stood still, too: told %v", err)
			}
		}
		d.has("sent by a node that stood still, too", p.picture, stored)
	}
	for _, p := range dead {
		for _, err := range p.told {
			if !errors.Is(err, errKilled) && !fault.Is(err, fault.Invalid) {
				d.Errorf("sent by nodes that died: told %v", err)
			}
		}
		d.has("sent by nodes that died", p.picture, false)
	}
	d.Logf("%d removed while others were sent, %d stored", removed, len(shown))
}

// unsentTests are part of the contract.
var unsentTests = map[string]func(*testing.T, *Store){
	"a node that is killed leaves no picture, and takes none": testSenderKilled,
	"nor does one in the middle of its commit":                testKilledInTheCommit,
	"a sweeper in the middle of a SEND takes nothing":         testSweptMeanwhile,
	"a picture that is sent twice is there for both":          testSentTwiceAtOnce,
	"a sweeper that is killed loses nothing":                  testSweeperKilled,
	"what another release has stored stays":                   testShownByAnotherRelease,
	"a removed picture refuses its own transaction":           testRemovedRefusesItsOwn,
	"sweepers and senders get on with each other":             testSweepersAndSenders,
}
