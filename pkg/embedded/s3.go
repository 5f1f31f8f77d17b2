package embedded

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3afero"
	"github.com/rclone/gofakes3/signature"
	"github.com/spf13/afero"
)

const (
	// Bucket is the one that an S3 has.
	Bucket = "sixseat"

	// uploads is what the names of uploads begin with, uploadLife how long they stay, and
	// expireEvery how often they are looked at.
	uploads     = "uploads/"
	uploadLife  = 24 * time.Hour
	expireEvery = time.Hour

	// maxObject bounds what is put at once, which is held in memory.
	maxObject = 64 << 20

	// s3HeaderTimeout is how long a client may take to send a request's headers, and
	// s3Timeout how long for all of it: a telephone in the same network needs seconds.
	s3HeaderTimeout = 10 * time.Second
	s3Timeout       = 2 * time.Minute

	// s3StopTimeout is how long requests may go on when the process stops; an upload that
	// takes longer was not sent yet, and leaves nothing behind.
	s3StopTimeout = time.Second
)

// S3 is the S3 API over a folder, inside this process, with one bucket. Its keys are made
// anew at each start: what it signed before holds no longer.
//
// What was put is on the disk when the answer comes (durable.go).
//
// The library keeps objects and knows S3's words, but trusts everybody; so signatures are
// checked in front of it, as those of AWS are.
type S3 struct {
	Client *s3.Client
	URL    string // of its listener, where browsers upload to
	server *http.Server
	log    *slog.Logger
	ended  chan error
}

// StartS3 serves the folder dir, which is made if it is not there, at addr, host:port. Pages
// of any origin may use it: without a signature that gives them nothing.
func StartS3(dir, addr string, log *slog.Logger) (*S3, error) {
	objects, err := folder(dir, "objects")
	if err != nil {
		return nil, err
	}
	meta, err := folder(dir, "meta")
	if err != nil {
		return nil, err
	}
	backend, err := s3afero.SingleBucket(Bucket, objects, meta)
	if err != nil {
		return nil, fmt.Errorf("start embedded S3: %w", err)
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("start embedded S3: %w", err)
	}
	id, secret := rand.Text(), rand.Text()
	s := &S3{URL: "http://" + listener.Addr().String(), log: log, ended: make(chan error, 1)}
	s.Client = s3.New(s3.Options{
		BaseEndpoint: &s.URL, UsePathStyle: true, Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider(id, secret, ""),
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenRequired,
	})
	s.server = &http.Server{
		Handler:           crossOrigin(signed(id, secret, whole(gofakes3.New(backend).Server()))),
		ReadHeaderTimeout: s3HeaderTimeout, ReadTimeout: s3Timeout, WriteTimeout: s3Timeout, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	go func() { s.ended <- s.server.Serve(listener) }()
	return s, nil
}

// Run removes what was uploaded and never sent, as the lifecycle rule of
// infra/terraform/s3.tf does, and ends it when ctx does.
func (s *S3) Run(ctx context.Context) {
	tick := time.NewTicker(expireEvery)
	defer tick.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-tick.C:
			if err := s.expire(ctx, time.Now()); err != nil {
				s.log.Warn("old uploads were not removed", "err", err)
			}
		}
	}
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), s3StopTimeout)
	defer cancel()
	if err := s.Close(stopping); err != nil {
		s.log.Warn("the embedded S3 did not stop well", "err", err)
	}
}

func (s *S3) expire(ctx context.Context, now time.Time) error {
	bucket := aws.String(Bucket)
	pages := s3.NewListObjectsV2Paginator(s.Client, &s3.ListObjectsV2Input{Bucket: bucket, Prefix: aws.String(uploads)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("list uploads: %w", err)
		}
		for _, object := range page.Contents {
			if now.Sub(*object.LastModified) < uploadLife {
				continue
			}
			if _, err := s.Client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: bucket, Key: object.Key}); err != nil {
				return fmt.Errorf("remove an upload: %w", err)
			}
		}
	}
	return nil
}

// Close ends it.
func (s *S3) Close(ctx context.Context) error {
	err := s.server.Shutdown(ctx)
	if served := <-s.ended; served != http.ErrServerClosed {
		return served
	}
	return err
}

// signed refuses whoever has not signed with the key.
func signed(id, secret string, next http.Handler) http.Handler {
	lookup := func(accessKey string) (string, bool) { return secret, accessKey == id }
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if code := signature.V4SignVerifyWithLookup(r, lookup); code != signature.ErrNone {
			refused := signature.GetAPIError(code)
			w.Header().Set("Content-Type", "application/xml")
			w.WriteHeader(refused.HTTPStatusCode)
			_, _ = w.Write(signature.EncodeAPIErrorToResponse(refused)) // the client may be gone
			return
		}
		next.ServeHTTP(w, r)
	})
}

// whole waits for the end of an upload before it begins: the library would leave half an
// object behind when its sender goes.
func whole(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxObject))
		if err != nil {
			http.Error(w, "the upload was cut off, or is too large", http.StatusBadRequest)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		next.ServeHTTP(w, r)
	})
}

// crossOrigin answers browsers as a bucket with CORS rules does.
func crossOrigin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		if r.Method != http.MethodOptions {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Access-Control-Allow-Methods", "GET, HEAD, PUT")
		w.Header().Set("Access-Control-Allow-Headers", strings.Join(r.Header.Values("Access-Control-Request-Headers"), ", "))
		w.WriteHeader(http.StatusNoContent)
	})
}

func folder(dir, name string) (afero.Fs, error) {
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("start embedded S3: %w", err)
	}
	return durable{afero.NewBasePathFs(afero.NewOsFs(), path)}, nil
}
