package stomp

// Limits of what a peer may send (STOMP 1.2, Size Limits). Beyond one of them the
// decoder returns a fault and the session ends.
const (
	// MaxFrame is the longest frame in octets, from its command to its NUL. A message
	// of 2,000 characters takes at most 24 KiB as escaped JSON.
	MaxFrame = 64 << 10

	// MaxBeforeConnected is the most that a stranger may send in all: a CONNECT with a
	// token is below 1 KiB.
	MaxBeforeConnected = 4 << 10

	// maxHeaders is the most headers of a frame, repeated ones included.
	maxHeaders = 100

	// maxLine is the longest header line in octets.
	maxLine = 8 << 10

	// maxKeptLine is the longest line whose buffer is kept for the next frame. The line with
	// CONNECT's token is many times the others, and a session has it once.
	maxKeptLine = 256

	// maxCommand is the longest command line in octets; the longest command has 11.
	maxCommand = 32
)
