package box

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"
	"gorm.io/gorm"

	"github.com/sixseat/sixseat/pkg/embedded"
	"github.com/sixseat/sixseat/pkg/token"
)

// Stores are what the two services stand on. The services share no database.
type Stores struct {
	Match, Chat gorm.Dialector
	Redis       redis.UniversalClient
	Files       *embedded.S3              // for pictures; nil: there are none
	SigningKey  string                    // as match-service's SIGNING_KEY says it
	Run         func(ctx context.Context) // what must run beside them; may be nil
}

// Embedded opens the stores of one machine below dir: a SQLite file for each service,
// a Redis in this process, a folder for pictures, which browsers find at s3Addr, and the
// signing key, made at the first start.
func Embedded(dir, s3Addr string, log *slog.Logger) (Stores, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return Stores{}, fmt.Errorf("DATA_DIR: %w", err)
	}
	match, err := embedded.SQLite(filepath.Join(dir, "match.db"))
	if err != nil {
		return Stores{}, err
	}
	chat, err := embedded.SQLite(filepath.Join(dir, "chat.db"))
	if err != nil {
		return Stores{}, err
	}
	key, err := signingKey(filepath.Join(dir, "signing.key"))
	if err != nil {
		return Stores{}, err
	}
	cache, err := embedded.StartRedis()
	if err != nil {
		return Stores{}, err
	}
	files, err := startFiles(dir, s3Addr, log.With("part", "s3"))
	if err != nil {
		return Stores{}, errors.Join(err, cache.Close())
	}
	return Stores{Match: match, Chat: chat, Redis: cache.Client, Files: files, SigningKey: key, Run: func(ctx context.Context) {
		var both sync.WaitGroup
		both.Go(func() { cache.Run(ctx) })
		both.Go(func() { files.Run(ctx) })
		both.Wait()
	}}, nil
}

// signingKey reads the key, or makes one that only this user can read.
func signingKey(path string) (string, error) {
	text, err := os.ReadFile(path)
	if err == nil {
		return strings.TrimSpace(string(text)), nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("read signing key: %w", err)
	}
	key := token.NewSeed()
	if err := os.WriteFile(path, []byte(key+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("keep signing key: %w", err)
	}
	return key, nil
}
