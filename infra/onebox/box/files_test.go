package box

import (
	"context"
	"log/slog"
	"net"
	"strings"
	"testing"
)

// A page that stays open over a restart finds the pictures where its policy says, unless
// somebody else took the port meanwhile.
func TestFiles_areWhereTheyWere(t *testing.T) {
	dir := t.TempDir()
	start := func() (url string) {
		files, err := startFiles(dir, "127.0.0.1:0", slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		ended, end := context.WithCancel(t.Context())
		end()
		files.Run(ended)
		return files.URL
	}
	first := start()
	if again := start(); again != first {
		t.Errorf("at %s, then at %s", first, again)
	}
	other, err := net.Listen("tcp", strings.TrimPrefix(first, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	moved := start()
	if moved == first {
		t.Errorf("at %s, which is taken", moved)
	}
	if again := start(); again != moved {
		t.Errorf("moved to %s, then to %s", moved, again)
	}
}
