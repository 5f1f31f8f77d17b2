package awssecrets

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/rds/auth"

	"github.com/sixseat/sixseat/pkg/database"
)

// variable is where a database's password is set.
const variable = "DATABASE_PASSWORD"

// byIAM is its setting for a token of IAM in place of a password.
const byIAM = "aws-rds-iam"

// Password is the database's password as DATABASE_PASSWORD sets it: a secret of Secrets
// Manager, aws-rds-iam, or itself. It is nil when it is not set: then the URL has it.
func Password(ctx context.Context, setting string, log *slog.Logger) (database.Password, error) {
	switch {
	case setting == "":
		return nil, nil
	case setting == byIAM:
		return iam(ctx)
	case Named(setting):
		secret, err := Open(ctx, variable, setting, log)
		if err != nil {
			return nil, err
		}
		return (&stored{secret: secret, now: time.Now}).password, nil
	case strings.HasPrefix(setting, "aws-"):
		return nil, fmt.Errorf("%s must be aws-sm://name#field, %s or the password itself", variable, byIAM)
	}
	return func(context.Context, database.SignIn) (string, error) { return setting, nil }, nil
}

// stored is a password in Secrets Manager. It is read for the first connection, and again
// when the database refuses it: nothing else says as exactly that it has changed. While it
// cannot be read again, the last one is what there is.
type stored struct {
	secret *Secret
	now    func() time.Time

	mu   sync.Mutex // guards what follows; held while AWS is asked, so that it is asked once for all
	last string
	read time.Time
}

func (s *stored) password(ctx context.Context, in database.SignIn) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.last != "" && (s.last != in.Refused || s.now().Sub(s.read) < askAgainAfter) {
		return s.last, nil
	}
	v, err := s.secret.Current(ctx)
	s.read = s.now() // a failure counts: whoever waited for it shall not ask again at once
	if s.last == "" {
		s.last = v.Text
		return s.last, err
	}
	if !errors.Is(ctx.Err(), context.Canceled) { // then it is the caller who gave up
		s.secret.trouble.is(err)
	}
	if err == nil {
		s.last = v.Text
	}
	return s.last, nil // without a newer one, so that the database's refusal is what went wrong
}

// iam makes a token for each connection: it is good for 15 minutes, and is made without
// asking anybody but for the credentials. The role needs rds-db:connect for the user.
func iam(ctx context.Context) (database.Password, error) {
	cfg, err := configure(ctx)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", variable, err)
	}
	if cfg.Region == "" {
		return nil, fmt.Errorf("%s: AWS_REGION is not set, and a token is for a database in one region", variable)
	}
	return func(ctx context.Context, in database.SignIn) (string, error) {
		if in.Plain {
			return "", errors.New("DATABASE_URL must have sslmode=require or stricter: " + variable + "=" + byIAM + " sends a token that whoever hears it can use")
		}
		ctx, cancel := context.WithTimeout(ctx, readTimeout)
		defer cancel()
		token, err := auth.BuildAuthToken(ctx, in.Endpoint, cfg.Region, in.User, cfg.Credentials)
		if err != nil {
			return "", fmt.Errorf("%s: make a token of IAM: %w", variable, err)
		}
		return token, nil
	}, nil
}
