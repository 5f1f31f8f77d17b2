package awsarchive

import "time"

// retryAway is when to come back while S3 is away.
const retryAway = 5 * time.Second
