//go:build integration

package app

import (
	"testing"

	"github.com/sixseat/sixseat/pkg/testenv"
	"github.com/sixseat/sixseat/pkg/token"

	"github.com/sixseat/sixseat/services/chat-service/internal/awspictures"
)

// startWithS3 is a node on PostgreSQL, Redis and an S3 server, as Open makes its parts. env is
// as for start.
func startWithS3(t *testing.T, env ...string) (*node, *testenv.Server) {
	t.Helper()
	server := testenv.StartS3(t)
	t.Setenv("AWS_REGION", testenv.S3Region)
	t.Setenv("AWS_ACCESS_KEY_ID", testenv.S3Key)
	t.Setenv("AWS_SECRET_ACCESS_KEY", testenv.S3Secret)
	parts := realParts(t, testenv.StartRedis(t))()
	var err error
	if parts.S3, err = awspictures.Open(t.Context(), server.URL); err != nil {
		t.Fatal(err)
	}
	return start(t, token.NewSeed(), parts, append(env, "FILES_BUCKET="+testenv.S3Bucket, "LIMIT_PICTURES=3")...), server
}

func TestPictures_onPostgresAndS3(t *testing.T) {
	n, _ := startWithS3(t)
	seePicture(t, n)
}

func TestPictures_ofRefusedSENDsLeaveS3(t *testing.T) {
	n, _ := startWithS3(t)
	refusedLeaveNothing(t, n)
}

func TestPictures_areRefusedWhileS3IsGone(t *testing.T) {
	n, server := startWithS3(t)
	refusePictures(t, n, func() {
		if err := server.Kill(); err != nil {
			t.Fatal(err)
		}
	})
}

// A server that hangs keeps pictures waiting, and nothing else.
func TestPictures_areRefusedWhileS3Hangs(t *testing.T) {
	n, server := startWithS3(t)
	refusePictures(t, n, func() {
		if err := server.Hang(); err != nil {
			t.Fatal(err)
		}
	})
}
