//go:build integration

package awsarchive

import (
	"testing"

	"github.com/sixseat/sixseat/pkg/fault"
	"github.com/sixseat/sixseat/pkg/testenv"

	"github.com/sixseat/sixseat/services/chat-service/internal/awspictures"
)

func TestMain(m *testing.M) { testenv.Main(m) }

// A server that checks sums refuses what does not have its own.
func TestVersitygw_keepsTranscripts(t *testing.T) {
	server := testenv.StartS3(t)
	t.Setenv("AWS_REGION", testenv.S3Region)
	t.Setenv("AWS_ACCESS_KEY_ID", testenv.S3Key)
	t.Setenv("AWS_SECRET_ACCESS_KEY", testenv.S3Secret)
	client, err := awspictures.Open(t.Context(), server.URL)
	if err != nil {
		t.Fatal(err)
	}
	a := New(client, testenv.S3Bucket)
	contract(t, a)
	if err := a.Put(t.Context(), key+"3", []byte("data"), sum([]byte("other"))); err == nil {
		t.Error("data with another's sum is taken")
	}
	if _, err := a.Get(t.Context(), key+"3", 9); err == nil || fault.Is(err, fault.Unavailable) {
		t.Errorf("and is there: %v", err)
	}
}
