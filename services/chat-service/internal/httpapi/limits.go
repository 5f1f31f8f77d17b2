package httpapi

import "time"

// maxBody is the longest request body in octets: a ticket with six nicknames of 20
// characters is below 4 KiB.
const maxBody = 16 << 10

// transcriptWrite is how long a reader may take for transcriptSlice octets of a transcript:
// who reads 2 KiB a second gets all of it, and who stops for longer than a tunnel is cut off.
const (
	transcriptWrite = 30 * time.Second
	transcriptSlice = 64 << 10
)
