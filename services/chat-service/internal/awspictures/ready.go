package awspictures

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// answer is whether S3 answered lately.
type answer struct {
	asking sync.Mutex // held while S3 is asked, for askTimeout at most: who comes then waits for the same answer

	mu    sync.Mutex // guards what follows
	until time.Time  // it holds
	err   error
}

func (a *answer) remember(until time.Time, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.until, a.err = until, err
}

func (a *answer) holds(now time.Time) (known bool, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return now.Before(a.until), a.err
}

// ready says whether S3 takes pictures now. A signature needs nobody, but an upload that cannot
// be done is better refused before the person waits for it. The question is the cheapest that
// needs the bucket and our right to it. Its answer is good for a while, as is any failure of
// what members ask for.
func (p *Pictures) ready(ctx context.Context) error {
	p.last.asking.Lock()
	defer p.last.asking.Unlock()
	if known, err := p.last.holds(p.now()); known {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), askTimeout) // others get this answer too
	defer cancel()
	if _, err := p.client.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &p.bucket}, func(o *s3.Options) { o.RetryMaxAttempts = 1 }); err != nil {
		return p.away(fmt.Errorf("ask for the bucket: %w", err))
	}
	p.last.remember(p.now().Add(askEvery), nil)
	return nil
}
