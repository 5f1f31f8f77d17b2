package embedded

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/spf13/afero"
)

// durable is a file system of which nothing that was closed is lost in a power cut: a
// transcript is all that is left of its room once it was put. The library never syncs.
type durable struct{ afero.Fs }

// Create implements afero.Fs.
func (d durable) Create(name string) (afero.File, error) {
	f, err := d.Fs.Create(name)
	if err != nil {
		return nil, err
	}
	return &durableFile{f, d.Fs, name}, nil
}

// OpenFile implements afero.Fs.
func (d durable) OpenFile(name string, flag int, perm os.FileMode) (afero.File, error) {
	f, err := d.Fs.OpenFile(name, flag, perm)
	if err != nil || flag&(os.O_WRONLY|os.O_RDWR) == 0 {
		return f, err
	}
	return &durableFile{f, d.Fs, name}, nil
}

type durableFile struct {
	afero.File
	fs   afero.Fs
	name string
}

// Close syncs the file, and the folders above it, each of which may be new.
func (f *durableFile) Close() error {
	if err := errors.Join(f.Sync(), f.File.Close()); err != nil {
		return err
	}
	for folder := filepath.Dir(f.name); ; folder = filepath.Dir(folder) {
		if err := f.syncFolder(folder); err != nil {
			return err
		}
		if folder == filepath.Dir(folder) {
			return nil
		}
	}
}

func (f *durableFile) syncFolder(name string) error {
	folder, err := f.fs.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
