package box

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/sixseat/sixseat/pkg/embedded"
)

// startFiles serves the pictures below dir at addr. A port that is left to chance is that of
// the last start, if it is free: a page that stayed open may put pictures nowhere else.
func startFiles(dir, addr string, log *slog.Logger) (*embedded.S3, error) {
	start := func(addr string) (*embedded.S3, error) {
		return embedded.StartS3(filepath.Join(dir, "files"), addr, log)
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil || port != "0" {
		return start(addr)
	}
	path := filepath.Join(dir, "files.port")
	last, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("read the port of pictures: %w", err)
	}
	if err == nil {
		if files, err := start(net.JoinHostPort(host, strings.TrimSpace(string(last)))); err == nil {
			return files, nil
		}
	}
	files, err := start(addr)
	if err != nil {
		return nil, err
	}
	at, err := url.Parse(files.URL)
	if err == nil {
		err = os.WriteFile(path, []byte(at.Port()+"\n"), 0o600)
	}
	if err != nil {
		return nil, fmt.Errorf("keep the port of pictures: %w", err)
	}
	return files, nil
}
