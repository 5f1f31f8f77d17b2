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
	"golang.org/x/sync/singleflight"

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
	secret  *Secret
	now     func() time.Time
	reading singleflight.Group // for all who want it at the moment

	mu   sync.Mutex // guards what follows
	last string
	read time.Time // or tried: a failure counts for who would ask right after it
}

func (s *stored) password(ctx context.Context, in database.SignIn) (string, error) {
	if last, good := s.known(in.Refused); good {
		return last, nil
	}
	asked := s.reading.DoChan("", func() (any, error) {
		if last, good := s.known(in.Refused); good { // who came just when a reading ended
			return last, nil
		}
		// Not the caller's end: the others wait for this too.
		return s.ask(context.WithoutCancel(ctx))
	})
	select {
	case answer := <-asked:
		last, _ := answer.Val.(string)
		return last, answer.Err
	case <-ctx.Done():
		return "", fmt.Errorf("%s: %w", variable, ctx.Err())
	}
}

// known returns the password read last, if there is nothing to gain from reading it again.
func (s *stored) known(refused string) (last string, good bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last, s.last != "" && (s.last != refused || s.now().Sub(s.read) < askAgainAfter)
}

func (s *stored) ask(ctx context.Context) (string, error) {
	v, err := s.secret.Current(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.read = s.now()
	if s.last == "" {
		s.last = v.Text
		return s.last, err
	}
	s.secret.trouble.is(err)
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
