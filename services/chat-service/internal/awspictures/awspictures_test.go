package awspictures

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/sixseat/sixseat/pkg/awscalls"
	"github.com/sixseat/sixseat/pkg/chatapi"
	"github.com/sixseat/sixseat/pkg/embedded"
	"github.com/sixseat/sixseat/pkg/fault"

	"github.com/sixseat/sixseat/services/chat-service/internal/chat"
)

// contract is what every server must do. open gives a client and the bucket.
func contract(t *testing.T, open func(*testing.T) (*s3.Client, string)) {
	for name, test := range map[string]func(*testing.T, *Pictures){
		"a picture goes from its author to the room": testSent,
		"only what was offered can be uploaded":      testOffered,
		"an upload that is cut off leaves nothing":   testCutOff,
		"lies are found when it is sent":             testLies,
		"nobody reaches what is another's":           testOthers,
		"a link ends":                                testLinkEnds,
		"what is removed can be kept again":          testRemoved,
	} {
		t.Run(name, func(t *testing.T) {
			client, bucket := open(t)
			test(t, New(client, bucket, "", time.Now, slog.New(slog.DiscardHandler)))
		})
	}
}

func TestEmbedded_keepsPictures(t *testing.T) {
	contract(t, func(t *testing.T) (*s3.Client, string) { return startEmbedded(t).Client, embedded.Bucket })
}

func startEmbedded(t *testing.T) *embedded.S3 {
	t.Helper()
	s, err := embedded.StartS3(t.TempDir(), "127.0.0.1:0", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return s
}

func motif() image.Image { return image.NewGray(image.Rect(0, 0, 40, 20)) }

func aPNG(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, motif()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// aPhoto says where it was taken.
func aPhoto(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, motif(), nil); err != nil {
		t.Fatal(err)
	}
	body := "Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x0052.5200N"
	segment := append([]byte{0xff, 0xe1, 0, byte(len(body) + 2)}, body...)
	return append(append([]byte{0xff, 0xd8}, segment...), b.Bytes()[2:]...)
}

func room() string { return uuid.Must(uuid.NewV7()).String() }

func offer(t *testing.T, p *Pictures, roomID, contentType string, n int) chatapi.Offer {
	t.Helper()
	o, err := p.Offer(t.Context(), roomID, "ada", chatapi.NewPicture{ContentType: contentType, Bytes: int64(n)})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// put uploads as a client does: to the URL, with the headers that it was told.
func put(t *testing.T, o chatapi.Offer, data []byte, change ...func(*http.Request)) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, o.Upload.URL, bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range o.Upload.Headers {
		req.Header.Set(name, value)
	}
	for _, c := range change {
		c(req)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	return resp.StatusCode
}

// wantExpiry looks at how long a signed URL is good.
func wantExpiry(t *testing.T, signed string, want time.Duration) {
	t.Helper()
	u, err := url.Parse(signed)
	if err != nil || u.Query().Get("X-Amz-Expires") != fmt.Sprint(want.Seconds()) {
		t.Errorf("%s is good for other than %v, %v", signed, want, err)
	}
}

// uploaded is a picture that was uploaded to the room, and not sent.
func uploaded(t *testing.T, p *Pictures, roomID, contentType string, data []byte) string {
	t.Helper()
	before := p.now()
	o := offer(t, p, roomID, contentType, len(data))
	wantExpiry(t, o.Upload.URL, uploadFor)
	if until := o.ExpiresAt.Time; until.Before(before.Add(uploadFor).Truncate(time.Second)) || until.After(p.now().Add(uploadFor)) {
		t.Errorf("offered at %v until %v", before, until)
	}
	if status := put(t, o, data); status != http.StatusOK {
		t.Fatalf("the upload got %d", status)
	}
	return o.ImageID
}

func get(t *testing.T, url string) (status int, header http.Header, body []byte) {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, err = io.ReadAll(resp.Body); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, body
}

func testSent(t *testing.T, p *Pictures) {
	r := room()
	id := uploaded(t, p, r, "image/jpeg", aPhoto(t))
	objects := errors.New("it may not be kept")
	if _, err := p.Accept(t.Context(), r, "ada", id, func(context.Context) error { return objects }); !errors.Is(err, objects) {
		t.Errorf("somebody has an objection: %v", err)
	}
	if _, err := p.Link(t.Context(), r, id); !fault.Is(err, fault.NotFound) {
		t.Errorf("and it is kept, %v", err)
	}
	sent, err := accept(t, p, r, "ada", id)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := accept(t, p, r, "ada", id); err != nil || again != sent {
		t.Errorf("asked again: %+v, %v; want %+v", again, err, sent)
	}
	url, err := p.Link(t.Context(), r, id)
	if err != nil {
		t.Fatal(err)
	}
	wantExpiry(t, url, linkFor)
	status, header, body := get(t, url)
	want := chatapi.Picture{ImageID: id, ContentType: "image/jpeg", Bytes: int64(len(body)), Width: 40, Height: 20}
	if status != http.StatusOK || sent != want || header.Get("Content-Type") != "image/jpeg" {
		t.Errorf("%d, %v, %+v; want %+v", status, header, sent, want)
	}
	if bytes.Contains(body, []byte("52.5200N")) {
		t.Error("it says where it was taken")
	}
}

func testOffered(t *testing.T, p *Pictures) {
	data := aPNG(t)
	for what, c := range map[string]struct {
		data   []byte
		change func(*http.Request)
	}{
		"another type": {data, func(r *http.Request) { r.Header.Set("Content-Type", "text/html") }},
		"no type":      {data, func(r *http.Request) { r.Header.Del("Content-Type") }},
		"more octets":  {append(bytes.Clone(data), 0), func(*http.Request) {}},
		"less octets":  {data[1:], func(*http.Request) {}},
		"another room": {data, func(r *http.Request) { r.URL.Path = strings.Replace(r.URL.Path, "/uploads/0", "/uploads/1", 1) }},
		"the room itself": {data, func(r *http.Request) {
			r.URL.Path = strings.Replace(r.URL.Path, "/uploads/", "/pictures/", 1)
		}},
		"another method":    {nil, func(r *http.Request) { r.Method = http.MethodDelete }},
		"what replaces one": {data, func(r *http.Request) { r.Header.Del("If-None-Match") }},
		"a changed expiry": {data, func(r *http.Request) {
			r.URL.RawQuery = strings.Replace(r.URL.RawQuery, "X-Amz-Expires=", "X-Amz-Expires=9", 1)
		}},
	} {
		r := room()
		o := offer(t, p, r, "image/png", len(data))
		if status := put(t, o, c.data, c.change); status < 400 || status > 499 {
			t.Errorf("%s: got %d, want it refused", what, status)
		}
		if err := acceptance(t, p, r, "ada", o.ImageID); !fault.Is(err, fault.Invalid) || fault.From(err).Fields[0].Field != "imageId" {
			t.Errorf("%s: sending it gives %v", what, err)
		}
	}
	r := room()
	o := offer(t, p, r, "image/png", len(data))
	if first, second := put(t, o, data), put(t, o, data); first != http.StatusOK || second != http.StatusPreconditionFailed {
		t.Errorf("uploaded twice: %d, then %d", first, second)
	}
	short, err := p.sign.PresignPutObject(t.Context(), &s3.PutObjectInput{Bucket: &p.bucket, Key: aws.String("uploads/late")}, s3.WithPresignExpires(time.Second))
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(30 * time.Second); put(t, chatapi.Offer{Upload: chatapi.Upload{URL: short.URL}}, nil) != http.StatusForbidden; {
		if time.Now().After(deadline) {
			t.Fatal("a URL for one second is good for half a minute")
		}
	}
}

func testCutOff(t *testing.T, p *Pictures) {
	r, data := room(), aPNG(t)
	o := offer(t, p, r, "image/png", len(data))
	u, err := url.Parse(o.Upload.URL)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", u.Host)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "PUT %s HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n", u.RequestURI(), u.Host, len(data))
	for name, value := range o.Upload.Headers {
		fmt.Fprintf(conn, "%s: %s\r\n", name, value)
	}
	if _, err := fmt.Fprintf(conn, "\r\n%s", data[:len(data)/2]); err != nil {
		t.Fatal(err)
	}
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if err := conn.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if answer, err := io.ReadAll(conn); errors.Is(err, os.ErrDeadlineExceeded) || strings.Contains(string(answer), " 200 ") { // until the server has given up
		t.Errorf("answered %q, %v", answer, err)
	}
	if err := acceptance(t, p, r, "ada", o.ImageID); !fault.Is(err, fault.Invalid) {
		t.Errorf("sending it gives %v", err)
	}
	if status := put(t, o, data); status != http.StatusOK {
		t.Errorf("the whole of it, behind that: %d", status)
	}
}

func testLies(t *testing.T, p *Pictures) {
	for what, c := range map[string]struct {
		contentType string
		data        []byte
		says        string
	}{
		"a page that says it is a photo": {"image/jpeg", []byte("<!doctype html><script>alert(1)</script>"), "is no image/jpeg"},
		"a PNG that says it is a GIF":    {"image/gif", aPNG(t), "is no image/gif"},
		"half a picture":                 {"image/png", aPNG(t)[:60], "is a damaged file"},
	} {
		r := room()
		id := uploaded(t, p, r, c.contentType, c.data)
		err := acceptance(t, p, r, "ada", id)
		if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "imageId: "+c.says) {
			t.Errorf("%s: got %v", what, err)
		}
		if _, err := p.Link(t.Context(), r, id); !fault.Is(err, fault.NotFound) {
			t.Errorf("%s: it can be seen all the same, %v", what, err)
		}
	}
}

func testOthers(t *testing.T, p *Pictures) {
	mine, other := room(), room()
	id := uploaded(t, p, mine, "image/png", aPNG(t))
	if _, err := p.Link(t.Context(), mine, id); !fault.Is(err, fault.NotFound) {
		t.Errorf("seen before it was sent: %v", err)
	}
	for what, err := range map[string]error{
		"another member sends it":          acceptance(t, p, mine, "bob", id),
		"its author sends it to elsewhere": acceptance(t, p, other, "ada", id),
		"a member called by a path":        acceptance(t, p, mine, "../"+mine+"/ada", id),
		"it was never uploaded":            acceptance(t, p, mine, "ada", uuid.NewString()),
	} {
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: got %v", what, err)
		}
	}
	if err := acceptance(t, p, mine, "ada", id); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Link(t.Context(), other, id); !fault.Is(err, fault.NotFound) {
		t.Errorf("seen from another room: %v", err)
	}
	url, err := p.Link(t.Context(), mine, id)
	if err != nil {
		t.Fatal(err)
	}
	for what, wrong := range map[string]string{
		"no signature":    url[:strings.Index(url, "?")],
		"another picture": strings.Replace(url, id, uuid.NewString(), 1),
		"another bucket":  strings.Replace(url, p.bucket, p.bucket+"2", 1),
	} {
		if status, _, _ := get(t, wrong); status != http.StatusForbidden {
			t.Errorf("%s: got %d", what, status)
		}
	}
}

func accept(t *testing.T, p *Pictures, roomID, memberID, imageID string) (chatapi.Picture, error) {
	return p.Accept(t.Context(), roomID, memberID, imageID, func(context.Context) error { return nil })
}

func acceptance(t *testing.T, p *Pictures, roomID, memberID, imageID string) error {
	_, err := accept(t, p, roomID, memberID, imageID)
	return err
}

func testLinkEnds(t *testing.T, p *Pictures) {
	r := room()
	id := uploaded(t, p, r, "image/png", aPNG(t))
	if err := acceptance(t, p, r, "ada", id); err != nil {
		t.Fatal(err)
	}
	url, err := p.Link(t.Context(), r, id)
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("X-Amz-Expires=%d", int(linkFor.Seconds())); !strings.Contains(url, want) {
		t.Errorf("%s: want %s", url, want)
	}
}

func testRemoved(t *testing.T, p *Pictures) {
	r := room()
	id := uploaded(t, p, r, "image/png", aPNG(t))
	for range 2 {
		if err := acceptance(t, p, r, "ada", id); err != nil {
			t.Fatal(err)
		}
		for range 2 { // again, after an answer that was lost
			if err := p.Remove(t.Context(), r, id); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := p.Link(t.Context(), r, id); !fault.Is(err, fault.NotFound) {
			t.Errorf("it can be seen all the same, %v", err)
		}
	}
}

func TestAway_isUnavailable(t *testing.T) {
	s, err := embedded.StartS3(t.TempDir(), "127.0.0.1:0", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	p := New(s.Client, embedded.Bucket, "", time.Now, slog.New(slog.DiscardHandler))
	_, link := p.Link(t.Context(), room(), uuid.NewString())
	_, offer := p.Offer(t.Context(), room(), "ada", chatapi.NewPicture{ContentType: "image/png", Bytes: 1})
	for what, err := range map[string]error{
		"to offer a place": offer,
		"to send":          acceptance(t, p, room(), "ada", uuid.NewString()), "to look": link, "to remove": p.Remove(t.Context(), room(), uuid.NewString()),
	} {
		if !fault.Is(err, fault.Unavailable) || fault.From(err).RetryAfter == 0 {
			t.Errorf("%s: got %v, want it to be unavailable for a while", what, err)
		}
	}
}

// While S3 hangs, who asks for a place waits for a second at most, once in five; then S3 is back.
func TestOffer_asksOnceForAll(t *testing.T) {
	var asked atomic.Int64
	var status atomic.Int64 // 0: it hangs
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if status.Load() == 0 {
			<-r.Context().Done()
			return
		}
		w.WriteHeader(int(status.Load()))
	}))
	defer server.Close()
	options := startEmbedded(t).Client.Options()
	options.BaseEndpoint = &server.URL
	now := time.Now()
	p := New(s3.New(options), "files", "", func() time.Time { return now }, slog.New(slog.DiscardHandler))
	ask := func(ctx context.Context) error {
		_, err := p.Offer(ctx, room(), "ada", chatapi.NewPicture{ContentType: "image/png", Bytes: 1})
		return err
	}
	want := func(what string, away bool, questions int64) {
		t.Helper()
		if err := ask(t.Context()); fault.Is(err, fault.Unavailable) != away || (err == nil) == away || asked.Load() != questions {
			t.Errorf("%s: %v, S3 was asked %d times, want %d", what, err, asked.Load(), questions)
		}
	}
	start := time.Now()
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if err := ask(t.Context()); !fault.Is(err, fault.Unavailable) || fault.From(err).RetryAfter == 0 {
				t.Errorf("while S3 hangs: %v", err)
			}
		})
	}
	all.Wait()
	if took := time.Since(start); took > tryTimeout {
		t.Errorf("20 waited for %v", took)
	}
	status.Store(http.StatusOK)
	want("it is known", true, 1)
	now = now.Add(askEvery)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := ask(gone); err != nil {
		t.Errorf("who hung up decides for others: %v", err)
	}
	want("S3 is back", false, 2)
	status.Store(http.StatusServiceUnavailable)
	want("nobody knows yet", false, 2)
	now = now.Add(askEvery)
	want("S3 is away again", true, 3)
	status.Store(http.StatusOK)
	now = now.Add(askEvery)
	if _, err := p.Link(gone, room(), uuid.NewString()); !fault.Is(err, fault.Unavailable) {
		t.Error(err)
	}
	want("somebody else hung up", false, 4)
	status.Store(http.StatusForbidden)
	if _, err := p.Link(t.Context(), room(), uuid.NewString()); !fault.Is(err, fault.Unavailable) {
		t.Error(err)
	}
	want("another's question failed", true, 5)
	now = now.Add(askEvery)
	if err := p.Remove(t.Context(), room(), uuid.NewString()); !fault.Is(err, fault.Unavailable) {
		t.Error(err)
	}
	status.Store(http.StatusOK)
	want("a removal failed, for which nobody waits", false, 7)
}

// A member who goes away says nothing of S3, nor does the database: nobody is to be woken for that.
func TestCounted_isWhatS3Did(t *testing.T) {
	s := startEmbedded(t)
	p := New(s.Client, embedded.Bucket, "", time.Now, slog.New(slog.DiscardHandler))
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	ask := func(ctx context.Context) {
		for range 2 {
			_, link := p.Link(ctx, room(), uuid.NewString())
			_, sent := p.Accept(ctx, room(), "ada", uuid.NewString(), func(context.Context) error { return nil })
			if link == nil || sent == nil {
				t.Fatalf("%v, %v", link, sent)
			}
		}
	}
	want := func(what string, n float64) {
		t.Helper()
		links, pictures := testutil.ToFloat64(p.counted.links.WithLabelValues("unavailable")), testutil.ToFloat64(p.counted.pictures.WithLabelValues("unavailable"))
		if links != n || pictures != n {
			t.Errorf("%s: %v links and %v pictures were unavailable, want %v", what, links, pictures, n)
		}
	}
	ask(gone)
	want("members who went away", 0)
	r := room()
	away := fault.New(fault.Unavailable, "The database is away.")
	if _, err := p.Accept(t.Context(), r, "ada", uploaded(t, p, r, "image/png", aPNG(t)), func(context.Context) error { return away }); !errors.Is(err, away) {
		t.Error(err)
	}
	want("the database away", 0)
	p.bucket = "none"
	options := s.Client.Options()
	options.BaseEndpoint, options.RetryMaxAttempts = aws.String("http://127.0.0.1:1"), 1
	p.client = s3.New(options)
	ask(t.Context())
	want("S3 away", 2)
}

// One question has so many tries, each with an end.
func TestOpen_triesAgainAndGivesUp(t *testing.T) {
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	defer server.Close()
	for name, value := range map[string]string{"AWS_CONFIG_FILE": "/dev/null", "AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"} {
		t.Setenv(name, value)
	}
	client, err := Open(t.Context(), server.URL)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.HeadBucket(t.Context(), &s3.HeadBucketInput{Bucket: aws.String("files")}); err == nil || asked.Load() != tries {
		t.Errorf("asked %d times, %v; want %d", asked.Load(), err, tries)
	}
	if http, is := client.Options().HTTPClient.(*awshttp.BuildableClient); !is || http.GetTimeout() != tryTimeout {
		t.Error("a try has no end")
	}
}

func TestOpen_needsARegion(t *testing.T) {
	t.Setenv("AWS_CONFIG_FILE", "/dev/null")
	t.Setenv("AWS_REGION", "")
	t.Setenv("AWS_DEFAULT_REGION", "")
	if _, err := Open(t.Context(), ""); err == nil || !strings.Contains(err.Error(), "AWS_REGION") {
		t.Errorf("got %v", err)
	}
	t.Setenv("AWS_REGION", "eu-central-1")
	if _, err := Open(t.Context(), ""); err != nil {
		t.Error(err)
	}
}

// S3 that refuses is told to whoever is on call, S3 that is away only counts.
func TestRefused_isLoggedAsAnError(t *testing.T) {
	for status, c := range map[int]struct {
		body string
		told int // of each
	}{
		http.StatusForbidden:          {"<Error><Code>AccessDenied</Code></Error>", 1},
		http.StatusNotFound:           {"<Error><Code>NoSuchBucket</Code></Error>", 1},
		http.StatusMovedPermanently:   {"<Error><Code>PermanentRedirect</Code></Error>", 1},
		http.StatusServiceUnavailable: {"<Error><Code>SlowDown</Code></Error>", 0},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			fmt.Fprint(w, c.body)
		}))
		options := startEmbedded(t).Client.Options()
		options.BaseEndpoint = &server.URL
		var log bytes.Buffer
		p := New(s3.New(options), "files", "", time.Now, slog.New(slog.NewTextHandler(&log, nil)))
		_, offered := p.Offer(t.Context(), room(), "ada", chatapi.NewPicture{ContentType: "image/png", Bytes: 1})
		for _, err := range []error{offered, acceptance(t, p, room(), "ada", uuid.NewString())} {
			if !fault.Is(err, fault.Unavailable) {
				t.Errorf("%d: got %v", status, err)
			}
		}
		server.Close()
		if told := strings.Count(log.String(), "level=ERROR"); told != c.told*2 || strings.Count(log.String(), "bucket=files") != told {
			t.Errorf("%d: logged %q", status, log.String())
		}
	}
}

// HEAD tells no more than a status; the other questions say what is wrong.
func TestRefused_isTold(t *testing.T) {
	for _, code := range []string{
		"AccessDenied", "AllAccessDisabled", "Forbidden", "NoSuchBucket", "NotFound", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken",
		"PermanentRedirect", "MovedPermanently", "AuthorizationHeaderMalformed", "KMS.DisabledException", "KMS.NotFoundException", "KMS.KMSInvalidStateException",
	} {
		var log bytes.Buffer
		p := New(startEmbedded(t).Client, "files", "", time.Now, slog.New(slog.NewTextHandler(&log, nil)))
		if err := p.away(&smithy.GenericAPIError{Code: code}); !fault.Is(err, fault.Unavailable) || !strings.Contains(log.String(), "level=ERROR") {
			t.Errorf("%s: %v, logged %q", code, err, log.String())
		}
	}
}

// The signed length keeps large uploads out; what came in another way is not read to its end.
func TestAccept_takesNoMoreThanItShould(t *testing.T) {
	s := startEmbedded(t)
	p := New(s.Client, embedded.Bucket, "", time.Now, slog.New(slog.DiscardHandler))
	r, id := room(), uuid.NewString()
	large := append(aPNG(t), make([]byte, chat.MaxPicture)...)
	if _, err := s.Client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String(embedded.Bucket), Key: uploadKey(r, "ada", id), ContentType: aws.String("image/png"), Body: bytes.NewReader(large)}); err != nil {
		t.Fatal(err)
	}
	if err := acceptance(t, p, r, "ada", id); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), fmt.Sprintf("more than %d octets", chat.MaxPicture)) {
		t.Error(err)
	}
}

// What chat-service may do with the bucket on AWS is what it does, no more and no less.
func TestPolicy_allowsExactlyWhatIsAsked(t *testing.T) {
	var asked awscalls.Recorder
	contract(t, func(t *testing.T) (*s3.Client, string) {
		options := startEmbedded(t).Client.Options()
		options.APIOptions = append(options.APIOptions, asked.Record)
		return s3.New(options), embedded.Bucket
	})
	allowed := slices.DeleteFunc(awscalls.Policy(t, "../../../../infra/terraform/s3.tf", "files_policy"), func(u awscalls.Use) bool { return u.Resource == "/transcripts/*" })
	for _, wrong := range asked.Compare(allowed) {
		t.Error(wrong)
	}
}
