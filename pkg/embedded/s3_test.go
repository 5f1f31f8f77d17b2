package embedded

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

func TestS3_removesOldUploadsAlone(t *testing.T) {
	s, err := StartS3(t.TempDir(), "127.0.0.1:0", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	for _, key := range []string{"uploads/room/member/1", "uploads/room/member/2", "pictures/room/1"} {
		if _, err := s.Client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String(Bucket), Key: &key, Body: strings.NewReader("x")}); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		after time.Duration
		left  []string
	}{
		{uploadLife - time.Hour, []string{"pictures/room/1", "uploads/room/member/1", "uploads/room/member/2"}},
		{uploadLife + time.Hour, []string{"pictures/room/1"}},
	} {
		if err := s.expire(t.Context(), time.Now().Add(c.after)); err != nil {
			t.Fatal(err)
		}
		list, err := s.Client.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String(Bucket)})
		if err != nil {
			t.Fatal(err)
		}
		var left []string
		for _, object := range list.Contents {
			left = append(left, *object.Key)
		}
		if !slices.Equal(left, c.left) {
			t.Errorf("after %v: %v, want %v", c.after, left, c.left)
		}
	}
}
