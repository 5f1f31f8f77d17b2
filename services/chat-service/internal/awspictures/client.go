package awspictures

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// Open makes the client. Without a region it would fail at each picture, and seem to be away;
// so it fails now. Region and credentials come as for every AWS SDK; endpoint, if it
// is given, is another server's, which has its buckets in the path.
func Open(ctx context.Context, endpoint string) (*s3.Client, error) {
	cfg, err := config.LoadDefaultConfig(ctx,
		config.WithHTTPClient(awshttp.NewBuildableClient().WithTimeout(tryTimeout)), config.WithRetryMaxAttempts(tries))
	if err != nil {
		return nil, fmt.Errorf("configure AWS: %w", err)
	}
	if cfg.Region == "" {
		return nil, errors.New("FILES_BUCKET: AWS_REGION is not set, and S3 has a bucket in one region")
	}
	return s3.NewFromConfig(cfg, func(o *s3.Options) {
		if endpoint != "" {
			o.BaseEndpoint, o.UsePathStyle = &endpoint, true
		}
		// A browser is to compute no checksum for a signed upload, whatever an SDK signs by
		// itself: TLS and the length are there already.
		o.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired
	}), nil
}
