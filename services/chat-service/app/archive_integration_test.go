//go:build integration

package app

import "testing"

func TestArchive_onPostgresAndS3IsNotNoticed(t *testing.T) {
	n, _ := startWithS3(t)
	archiveUnnoticed(t, n)
}
