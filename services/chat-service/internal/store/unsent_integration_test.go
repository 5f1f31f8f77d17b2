//go:build integration

package store

import (
	"testing"

	"github.com/sixseat/sixseat/pkg/testenv"

	"github.com/sixseat/sixseat/services/chat-service/internal/awspictures"
)

// As in production: PostgreSQL, and an S3 server that is a process of its own.
func TestPostgresAndVersitygw_noPictureIsLostOrLeft(t *testing.T) {
	server := testenv.StartS3(t)
	t.Setenv("AWS_REGION", testenv.S3Region)
	t.Setenv("AWS_ACCESS_KEY_ID", testenv.S3Key)
	t.Setenv("AWS_SECRET_ACCESS_KEY", testenv.S3Secret)
	client, err := awspictures.Open(t.Context(), server.URL)
	if err != nil {
		t.Fatal(err)
	}
	s := openURL(t, testenv.NewDatabase(t, "chat", migrateURL))
	senderKilled(darkroomOn(t, s, client, testenv.S3Bucket))
	sweepersAndSenders(darkroomOn(t, s, client, testenv.S3Bucket))
}
