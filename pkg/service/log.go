package service

import (
	"fmt"
	"io"
	"log/slog"
)

// NewLogger makes the service's logger: JSON lines for machines, text for a laptop.
// Keys are snake_case and the same everywhere: room_id, member_id, conn_id,
// request_id, err. Message text and tokens are never logged.
func NewLogger(w io.Writer, name, format, level string) (*slog.Logger, error) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		return nil, fmt.Errorf("LOG_LEVEL must be debug, info, warn or error, not %q", level)
	}
	opts := &slog.HandlerOptions{Level: l}
	switch format {
	case "json":
		return slog.New(slog.NewJSONHandler(w, opts)).With("service", name), nil
	case "text":
		return slog.New(slog.NewTextHandler(w, opts)).With("service", name), nil
	}
	return nil, fmt.Errorf("LOG_FORMAT must be json or text, not %q", format)
}
