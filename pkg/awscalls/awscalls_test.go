package awscalls

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go/middleware"
	"github.com/google/go-cmp/cmp"
)

func TestCompare_findsWhatIsMissingAndWhatIsTooMuch(t *testing.T) {
	file := filepath.Join(t.TempDir(), "s3.tf")
	if err := os.WriteFile(file, []byte(`locals {
  some_policy = [
    { Effect = "Allow", Action = ["s3:GetObject", "s3:PutObject"], Resource = ["${aws_s3_bucket.files.arn}/a/*"] },
    { Effect = "Allow", Action = ["s3:ListBucket"], Resource = [aws_s3_bucket.files.arn] },
    { Effect = "Allow", Action = ["kms:Decrypt"], Resource = [aws_kms_key.main["data"].arn] },
  ]
}
`), 0o600); err != nil {
		t.Fatal(err)
	}
	var r Recorder
	client := s3.New(s3.Options{
		Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""), BaseEndpoint: aws.String("http://127.0.0.1:1"), RetryMaxAttempts: 1,
		APIOptions: []func(*middleware.Stack) error{r.Record},
	})
	// Nobody answers there: what was asked is written down all the same.
	if _, err := client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("files"), Key: aws.String("a/b/c")}); err == nil {
		t.Error("somebody answers")
	}
	if _, err := client.CopyObject(t.Context(), &s3.CopyObjectInput{Bucket: aws.String("files"), Key: aws.String("a/b"), CopySource: aws.String("files/b")}); err == nil {
		t.Error("somebody answers")
	}
	if _, err := s3.NewPresignClient(client).PresignGetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("files"), Key: aws.String("b/c")}); err != nil {
		t.Error(err)
	}

	got := r.Compare(Policy(t, file, "some_policy"))

	want := []string{
		"s3:GetObject of /b/c is not allowed",
		"unknown operation S3 CopyObject of /a/b is not allowed",
		"s3:PutObject of /a/* is allowed, and nothing needs it",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
