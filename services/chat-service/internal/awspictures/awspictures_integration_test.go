//go:build integration

package awspictures

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/sixseat/sixseat/pkg/testenv"
)

func TestMain(m *testing.M) { testenv.Main(m) }

// As a node opens it: region and keys come from the environment.
func TestVersitygw_keepsPictures(t *testing.T) {
	server := testenv.StartS3(t)
	t.Setenv("AWS_REGION", testenv.S3Region)
	t.Setenv("AWS_ACCESS_KEY_ID", testenv.S3Key)
	t.Setenv("AWS_SECRET_ACCESS_KEY", testenv.S3Secret)
	contract(t, func(t *testing.T) (*s3.Client, string) {
		client, err := Open(t.Context(), server.URL)
		if err != nil {
			t.Fatal(err)
		}
		return client, testenv.S3Bucket
	})
}
