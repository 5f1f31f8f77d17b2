package apitest

import (
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/sixseat/sixseat/pkg/fault"
)

// answer is what a server says.
type answer struct {
	status int
	kind   string
	header map[string]string
	body   string
}

const (
	asJSONType = "application/json"
	film       = `{"movieId":"jaws-1975","title":"Jaws","releaseYear":1975,"director":"Steven Spielberg","genre":"Thriller","rating":8.3,"waiting":0}`
	unknown    = `{"type":"urn:sixseat:problem:not-found","title":"Not found","status":404,"detail":"There is no such film.","instance":"/match/movies/x"}`
)

func noStore() map[string]string {
	return map[string]string{"X-Request-Id": "r", "Cache-Control": "no-store"}
}

func aFile() map[string]string {
	headers := noStore()
	headers["Content-Disposition"] = `attachment; filename=x`
	return headers
}

// ask makes a request through Transport of a server that answers with a, and reads the
// answer to its end.
func ask(t *testing.T, a answer, method, path, token, body string) error {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", a.kind)
		for name, value := range a.header {
			w.Header().Set(name, value)
		}
		w.WriteHeader(a.status)
		_, _ = io.WriteString(w, a.body) // nobody is left to be told
	}))
	defer server.Close()
	r, err := http.NewRequest(method, server.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := Client.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}

func TestTransport_takesWhatIsDocumented(t *testing.T) {
	for what, c := range map[string]struct {
		answer                    answer
		method, path, token, body string
	}{
		"a film":             {answer{200, asJSONType, noStore(), film}, "GET", "/match/movies/jaws-1975", "", ""},
		"no film":            {answer{404, fault.ContentType, noStore(), unknown}, "GET", "/match/movies/x", "", ""},
		"a bad request":      {answer{400, fault.ContentType, noStore(), strings.ReplaceAll(unknown, "not-found", "invalid")}, "POST", "/match/members", "", `{"nick":5}`},
		"no address":         {answer{404, fault.ContentType, noStore(), unknown}, "GET", "/match/nothing", "", ""},
		"no method":          {answer{405, fault.ContentType, noStore(), unknown}, "DELETE", "/match/movies", "", ""},
		"nothing":            {answer{204, "", map[string]string{"X-Request-Id": "r"}, ""}, "DELETE", "/chat/rooms/x/members/me", "token", ""},
		"an empty parameter": {answer{200, asJSONType, noStore(), `{"items":[]}`}, "GET", "/match/movies?limit=&q=", "", ""},
		"a load balancer":    {answer{502, "text/html", nil, "<html>"}, "GET", "/chat/rooms", "token", ""},
		"JSON lines":         {answer{200, "application/jsonl", aFile(), message + "\n" + message + "\n"}, "GET", "/chat/rooms/r/transcript", "token", ""},
		"the same as text":   {answer{200, "text/plain; charset=utf-8", aFile(), "ada: hello\n"}, "GET", "/chat/rooms/r/transcript?format=text", "token", ""},
		"events":             {answer{200, "text/event-stream", noStore(), "event: state\ndata: {\"state\":\"idle\"}\n\n: still here\n\n"}, "GET", "/match/queue/events", "token", ""},
	} {
		if err := ask(t, c.answer, c.method, c.path, c.token, c.body); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestTransport_refusesWhatIsNot(t *testing.T) {
	more := strings.Replace(film, "{", `{"votes":5,`, 1)
	for what, c := range map[string]struct {
		answer                    answer
		method, path, token, body string
		want                      string // in the error
	}{
		"a field more":              {answer{200, asJSONType, noStore(), more}, "GET", "/match/movies/x", "", "", "votes"},
		"a field more in a list":    {answer{200, asJSONType, noStore(), `{"items":[` + more + `]}`}, "GET", "/match/movies", "", "", "votes"},
		"a field less":              {answer{200, asJSONType, noStore(), `{"movieId":"x"}`}, "GET", "/match/movies/x", "", "", "title"},
		"a wrong type":              {answer{200, asJSONType, noStore(), strings.ReplaceAll(film, "1975,", `"1975",`)}, "GET", "/match/movies/x", "", "", "releaseYear"},
		"a time without millis":     {answer{201, asJSONType, noStore(), `{"memberId":"m","nickname":"a","token":"t","expiresAt":"2026-11-28T18:30:00Z"}`}, "POST", "/match/members", "", `{"nickname":"a"}`, "expiresAt"},
		"a header less":             {answer{200, asJSONType, map[string]string{"X-Request-Id": "r"}, film}, "GET", "/match/movies/x", "", "", "Cache-Control"},
		"429 without Retry-After":   {answer{429, fault.ContentType, noStore(), unknown}, "POST", "/match/members", "", `{"nickname":"a"}`, "Retry-After"},
		"another media type":        {answer{200, "text/plain", noStore(), film}, "GET", "/match/movies/x", "", "", "text/plain"},
		"a status":                  {answer{409, fault.ContentType, noStore(), unknown}, "GET", "/match/movies/x", "", "", "status"},
		"a problem's type":          {answer{404, fault.ContentType, noStore(), strings.ReplaceAll(unknown, "not-found", "gone")}, "GET", "/match/movies/x", "", "", "type"},
		"an address":                {answer{200, asJSONType, noStore(), film}, "GET", "/match/films", "", "", "404"},
		"a method":                  {answer{200, asJSONType, noStore(), film}, "POST", "/match/movies", "", "", "405"},
		"a request's field":         {answer{200, asJSONType, noStore(), `{"state":"idle"}`}, "PUT", "/match/queue", "token", `{"movieId":"x","place":1}`, "place"},
		"a request's parameter":     {answer{200, asJSONType, noStore(), `{"items":[]}`}, "GET", "/match/movies?limit=0", "", "", "limit"},
		"a request without a token": {answer{200, asJSONType, noStore(), `{"state":"idle"}`}, "GET", "/match/queue", "", "", "token"},
		"a line's field":            {answer{200, "application/jsonl", aFile(), message + "\n" + strings.Replace(message, "{", `{"votes":5,`, 1) + "\n"}, "GET", "/chat/rooms/r/transcript", "token", "", "votes"},
		"half a line":               {answer{200, "application/jsonl", aFile(), message}, "GET", "/chat/rooms/r/transcript", "token", "", "EOF"},
		"an event's field":          {answer{200, "text/event-stream", noStore(), "event: state\ndata: {\"state\":\"idle\",\"x\":1}\n\n"}, "GET", "/match/queue/events", "token", "", "x"},
		"an event":                  {answer{200, "text/event-stream", noStore(), "event: film\ndata: {}\n\n"}, "GET", "/match/queue/events", "token", "", "film"},
		"a state of two kinds":      {answer{200, asJSONType, noStore(), `{"state":"idle","place":1}`}, "GET", "/match/queue", "token", "", "oneOf"},
	} {
		err := ask(t, c.answer, c.method, c.path, c.token, c.body)
		if err == nil || !strings.Contains(err.Error(), "not as documented") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want an error about %s", what, err, c.want)
		}
	}
}

const message = `{"roomId":"r","seq":1,"messageId":"i","memberId":"m","type":"TEXT","comment":"hello","createdBy":"ada","createdAt":"2026-11-28T18:32:00.000Z"}`

func TestFrames(t *testing.T) {
	headers := map[string]string{"destination": "/topic/r", "message-id": "i", "subscription": "1", "content-type": asJSONType, "content-length": "9", "seq": "1"}
	with := func(name, value string) map[string]string {
		changed := maps.Clone(headers)
		changed[name] = value
		return changed
	}
	without := func(name string) map[string]string {
		changed := maps.Clone(headers)
		delete(changed, name)
		return changed
	}
	for what, c := range map[string]struct {
		frame Frame
		want  string // in the error; "": none
	}{
		"a message":              {Frame{"MESSAGE", headers, message}, ""},
		"by its old name":        {Frame{"MESSAGE", with("destination", "/sub/r"), message}, ""},
		"a receipt":              {Frame{"RECEIPT", map[string]string{"receipt-id": "r"}, ""}, ""},
		"a header more":          {Frame{"MESSAGE", with("priority", "1"), message}, "priority"},
		"a header less":          {Frame{"MESSAGE", without("seq"), message}, "seq"},
		"a field more":           {Frame{"MESSAGE", headers, strings.Replace(message, "{", `{"x":1,`, 1)}, "x"},
		"a field less":           {Frame{"MESSAGE", headers, strings.Replace(message, `"seq":1,`, "", 1)}, "seq"},
		"a type":                 {Frame{"MESSAGE", headers, strings.Replace(message, "TEXT", "VIDEO", 1)}, "type"},
		"no JSON":                {Frame{"MESSAGE", headers, "hello"}, "body"},
		"a destination":          {Frame{"MESSAGE", with("destination", "/queue/r"), message}, "/queue/r"},
		"a message as an event":  {Frame{"MESSAGE", with("destination", "/topic/r/events"), message}, "seq"},
		"a receipt with a body":  {Frame{"RECEIPT", map[string]string{"receipt-id": "r"}, "x"}, "body"},
		"a command":              {Frame{"GOODBYE", nil, ""}, "GOODBYE"},
		"an error that is plain": {Frame{"ERROR", map[string]string{"message": "no"}, "no"}, "content-type"},
	} {
		var s Frames
		err := s.Got(c.frame)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want an error about %q", what, err, c.want)
		}
	}
}

func TestFrames_whatIsReceiptedMustBeDocumented(t *testing.T) {
	receipt := Frame{"RECEIPT", map[string]string{"receipt-id": "r"}, ""}
	send := func(destination, body string) Frame {
		return Frame{"SEND", map[string]string{"destination": destination, "receipt": "r"}, body}
	}
	for what, c := range map[string]struct {
		sent Frame
		want bool
	}{
		"a message":             {send("/pub/chat/r", `{"type":"TEXT","comment":"x"}`), true},
		"typing":                {send("/pub/typing/r", ""), true},
		"typing with a body":    {send("/pub/typing/r", "x"), false},
		"a field of no message": {send("/pub/chat/r", `{"type":"TEXT","comment":"x","y":1}`), false},
		"an empty comment":      {send("/pub/chat/r", `{"type":"TEXT","comment":""}`), false},
		"another destination":   {send("/pub/other/r", ""), false},
	} {
		var s Frames
		s.Sent(c.sent)
		if err := s.Got(receipt); (err == nil) != c.want {
			t.Errorf("%s: got %v", what, err)
		}
	}
}

// body remembers what body a request comes with.
type body struct{ io.ReadCloser }

func (b *body) RoundTrip(r *http.Request) (*http.Response, error) {
	b.ReadCloser = r.Body
	return nil, io.ErrUnexpectedEOF
}

// http.Transport looks for what may be in a body of unknown length in another goroutine,
// beside a second try of the same request.
func TestTransport_givesNoBodyToARequestWithoutOne(t *testing.T) {
	for name, given := range map[string]io.Reader{"nil": nil, "none": http.NoBody, "empty": strings.NewReader("")} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost/match/queue", given)
		if err != nil {
			t.Fatal(err)
		}
		var b body
		if _, err := (Transport{Base: &b}).RoundTrip(r); err == nil || b.ReadCloser != nil && b.ReadCloser != http.NoBody {
			t.Errorf("%s: %T, %v", name, b.ReadCloser, err)
		}
	}
}
