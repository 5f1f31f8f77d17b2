package awspictures

import "time"

const (
	// uploadFor is how long an upload may begin after it was offered: the person has chosen
	// the picture already, and a retry on a bad line still fits.
	uploadFor = 5 * time.Minute

	// linkFor is how long a link shows a picture: it is followed at once.
	linkFor = time.Minute

	// tryTimeout and tries bound one question: S3 answers within 200 ms as a rule, and
	// two tries fit into what chat gives.
	tryTimeout = 4 * time.Second
	tries      = 2

	// askTimeout bounds the question whether S3 is there, before an upload is offered: it answers
	// within 100 ms as a rule, and a person waits. askEvery is how long the answer is good: so
	// few questions cost nothing, and an upload in vain is one of the first seconds.
	askTimeout = time.Second
	askEvery   = 5 * time.Second

	// retryAway is when to come back while S3 is away.
	retryAway = 5 * time.Second
)
