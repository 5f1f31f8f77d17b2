package httpapi

import "time"

// maxBody is the longest request body in octets: a ticket with six nicknames of 20
// characters is below 4 KiB.
const maxBody = 16 << 10

// transcriptWrite is how long a reader may take for a page of a transcript: 200 messages,
// for which a phone on a bad line needs seconds.
const transcriptWrite = 30 * time.Second
