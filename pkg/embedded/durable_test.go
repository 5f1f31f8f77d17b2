package embedded

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/johannesboyne/gofakes3/backend/s3afero"
	"github.com/spf13/afero"
)

// observed is a file system that knows what was synced since it was written.
type observed struct {
	afero.Fs
	synced []string
}

func (o *observed) open(f afero.File, err error) (afero.File, error) {
	if err != nil {
		return nil, err
	}
	return &observedFile{f, o}, nil
}

func (o *observed) Create(name string) (afero.File, error) { return o.open(o.Fs.Create(name)) }
func (o *observed) Open(name string) (afero.File, error)   { return o.open(o.Fs.Open(name)) }
func (o *observed) OpenFile(name string, flag int, perm os.FileMode) (afero.File, error) {
	return o.open(o.Fs.OpenFile(name, flag, perm))
}

type observedFile struct {
	afero.File
	of *observed
}

func (f *observedFile) Write(p []byte) (int, error) {
	f.of.synced = slices.DeleteFunc(f.of.synced, func(name string) bool { return name == f.Name() })
	return f.File.Write(p)
}

func (f *observedFile) Sync() error {
	f.of.synced = append(f.of.synced, f.Name())
	return f.File.Sync()
}

// When a PUT is answered, the object, what is known of it and all folders are on the disk.
func TestDurable_syncsBeforeTheAnswer(t *testing.T) {
	objects := &observed{Fs: afero.NewBasePathFs(afero.NewOsFs(), t.TempDir())}
	meta := &observed{Fs: afero.NewBasePathFs(afero.NewOsFs(), t.TempDir())}
	backend, err := s3afero.SingleBucket(Bucket, durable{objects}, durable{meta})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := backend.PutObject(Bucket, "transcripts/room/1", map[string]string{}, strings.NewReader("x"), 1, nil); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		of   *observed
		want int // folders and the file
	}{{objects, 4}, {meta, 2}} {
		files := 0
		err := afero.Walk(c.of.Fs, ".", func(name string, _ os.FileInfo, err error) error {
			if err != nil {
				return err
			}
			files++
			if !slices.ContainsFunc(c.of.synced, func(s string) bool { return strings.Trim(s, "./") == strings.Trim(name, "./") }) {
				t.Errorf("%s is not synced, only %q", name, c.of.synced)
			}
			return nil
		})
		if err != nil || files < c.want {
			t.Errorf("%d files, %v", files, err)
		}
	}
}
