// Package awsarchive keeps what was said in silent rooms in S3, or in what speaks its API,
// below transcripts/. Nothing is ever removed there.
package awsarchive

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/sixseat/sixseat/pkg/fault"
)

// Archive implements archive.Objects.
type Archive struct {
	client *s3.Client
	bucket string
}

// New keeps objects in a bucket.
func New(client *s3.Client, bucket string) *Archive { return &Archive{client, bucket} }

// Put implements archive.Objects. S3 refuses what does not have the sum on its arrival.
func (a *Archive) Put(ctx context.Context, key string, data []byte, sha256 string) error {
	sum, err := hex.DecodeString(sha256)
	if err != nil {
		return fmt.Errorf("archive %s: %w", key, err)
	}
	_, err = a.client.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &a.bucket, Key: &key, Body: bytes.NewReader(data), ContentType: aws.String("application/gzip"),
		ChecksumAlgorithm: types.ChecksumAlgorithmSha256, ChecksumSHA256: aws.String(base64.StdEncoding.EncodeToString(sum)),
	})
	if err != nil {
		return away(fmt.Errorf("archive %s: %w", key, err))
	}
	return nil
}

// Get implements archive.Objects. One that is not there is no fault of the moment: it was
// recorded as being there.
func (a *Archive) Get(ctx context.Context, key string, size int64) ([]byte, error) {
	out, err := a.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &a.bucket, Key: &key})
	var missing *types.NoSuchKey
	if errors.As(err, &missing) {
		return nil, fmt.Errorf("%s is not in the archive: %w", key, err)
	}
	if err != nil {
		return nil, away(fmt.Errorf("read %s: %w", key, err))
	}
	defer out.Body.Close()
	var data bytes.Buffer
	data.Grow(int(min(size, aws.ToInt64(out.ContentLength))) + bytes.MinRead) // once
	if _, err := data.ReadFrom(io.LimitReader(out.Body, size)); err != nil {
		return nil, away(fmt.Errorf("read %s: %w", key, err))
	}
	return data.Bytes(), nil
}

func away(err error) error {
	return fault.New(fault.Unavailable, "Older messages cannot be reached now; what is said now goes on.").WithRetry(retryAway).Wrap(err)
}
