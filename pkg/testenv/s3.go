package testenv

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
)

// Keys of whoever owns an S3 server of ours, and where it says that it is.
const (
	S3Key    = "sixseat"
	S3Secret = "sixseat-secret"
	S3Region = "us-east-1"
	S3Bucket = "files"
)

// StartS3 starts versitygw for this test alone: S3 over a folder, with one empty bucket,
// S3Bucket. make deps builds it.
func StartS3(tb testing.TB) *Server {
	tb.Helper()
	return own(tb, startS3)
}

func startS3() (*Server, error) {
	program, err := find("versitygw", filepath.Join(repository(), ".cache/bin/versitygw-*"))
	if err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "sixseat-s3-")
	if err != nil {
		return nil, fmt.Errorf("start S3: %w", err)
	}
	// Not every file system keeps attributes, so they lie in a folder of their own. A folder is a bucket.
	objects, attributes := filepath.Join(dir, "objects"), filepath.Join(dir, "attributes")
	for _, path := range []string{filepath.Join(objects, S3Bucket), attributes} {
		if err := os.MkdirAll(path, 0o700); err != nil {
			return nil, fmt.Errorf("start S3: %w", err)
		}
	}
	addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	s := &Server{URL: "http://" + addr, name: "versitygw", remove: func() { _ = os.RemoveAll(dir) }}
	s.command = func() *exec.Cmd {
		cmd := exec.Command(program, "--access", S3Key, "--secret", S3Secret, "--region", S3Region, "--port", addr, "--health", "/healthz", "--cors-allow-origin", "*", "--quiet",
			"posix", "--sidecar", attributes, objects)
		cmd.SysProcAttr = dieWithParent()
		return cmd
	}
	s.ready = func() error {
		resp, err := http.Get(s.URL + "/healthz")
		if err != nil {
			return err
		}
		if err := resp.Body.Close(); err != nil || resp.StatusCode != http.StatusOK {
			return fmt.Errorf("%s, %w", resp.Status, err)
		}
		return nil
	}
	return s, s.Start()
}

// repository is the folder of the repository that a test is part of: go test runs it in the
// folder of its package.
func repository() string {
	dir, err := os.Getwd()
	for err == nil && dir != "/" {
		if _, err := os.Stat(filepath.Join(dir, "go.work")); err == nil {
			return dir
		}
		dir = filepath.Dir(dir)
	}
	return ""
}
