package stomp

import "strconv"

// HeartBeat is an EOL between frames. It goes out as a WebSocket message of its own,
// because webstomp-client knows it in no other form.
var HeartBeat = []byte("\n")

// contentLength is the header that each frame with a body gets.
const contentLength = "content-length"

// WireSize is about how many octets Append writes: escapes come on top.
func (f *Frame) WireSize() int {
	const colon, end, digits = 1, 1, 7
	n := f.Size() + len(f.Headers)*(colon+end) + 2*end + 1
	if len(f.Body) > 0 {
		n += len(contentLength) + colon + digits + end
	}
	return n
}

// Append writes a frame for a peer of version v behind b. A body gets its content-length
// (STOMP 1.2, Header content-length), since it may hold anything. CONNECTED is not escaped.
func Append(b []byte, v Version, f *Frame) []byte {
	if f.Command == Connected {
		v = V10
	}
	b = append(append(b, f.Command...), '\n')
	for _, h := range f.Headers {
		b = append(append(b, escape(h.Name, v)...), ':')
		b = append(append(b, escape(h.Value, v)...), '\n')
	}
	if len(f.Body) > 0 {
		b = append(append(b, contentLength...), ':')
		b = append(strconv.AppendInt(b, int64(len(f.Body)), 10), '\n')
	}
	b = append(append(b, '\n'), f.Body...)
	return append(b, 0)
}
