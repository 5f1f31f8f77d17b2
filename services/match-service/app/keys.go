package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/sixseat/sixseat/pkg/awssecrets"
	"github.com/sixseat/sixseat/pkg/token"
)

// signingKeys are the keys of SIGNING_KEY, which change where they come from a secret.
type signingKeys struct {
	signer *token.Signer
	secret *awssecrets.Secret // nil: they are in the environment, and stay
	known  awssecrets.Value
	after  time.Duration
}

func openKeys(ctx context.Context, cfg Config, log *slog.Logger) (k signingKeys, err error) {
	k.after = cfg.keyAfter()
	switch {
	case cfg.SigningKey == "":
		return k, errors.New("SIGNING_KEY is not set: give it the base64url of 32 random octets")
	case awssecrets.Named(cfg.SigningKey):
		err = k.fromSecret(ctx, cfg.SigningKey, log)
		return k, err
	}
	if k.signer, err = token.NewSigner(cfg.SigningKey, time.Now); err != nil {
		return k, fmt.Errorf("SIGNING_KEY: %w", err)
	}
	return k, nil
}

// fromSecret begins where nodes are that saw the secret's last change: with the keys of
// before it, changed when it was written.
func (k *signingKeys) fromSecret(ctx context.Context, setting string, log *slog.Logger) error {
	if k.after < leastKeyAfter {
		return fmt.Errorf("SIGNING_KEY_AFTER must be %v or more", leastKeyAfter)
	}
	secret, err := awssecrets.Open(ctx, "SIGNING_KEY", setting, log)
	if err != nil {
		return err
	}
	if k.known, err = secret.Current(ctx); err != nil {
		return err
	}
	before, found, err := secret.Previous(ctx)
	if err != nil {
		return err
	}
	if !found {
		before = k.known
	}
	if k.signer, err = token.NewSigner(before.Text, time.Now); err != nil { // was it ever good?
		k.signer, err = token.NewSigner(k.known.Text, time.Now)
	}
	if err == nil {
		err = k.signer.Rotate(k.known.Text, k.known.Created, k.after)
	}
	if err != nil {
		return fmt.Errorf("SIGNING_KEY: %s: %w", setting, err)
	}
	k.secret = secret
	return nil
}

// Run follows the secret until ctx ends.
func (k signingKeys) Run(ctx context.Context, log *slog.Logger) {
	if k.secret == nil {
		return
	}
	k.secret.Watch(ctx, k.after/readsOfKey, k.known, func(v awssecrets.Value) error {
		if err := k.signer.Rotate(v.Text, time.Now(), k.after); err != nil {
			return err
		}
		id, at := k.signer.Next()
		log.Info("signing keys have changed", "key", id, "signs", at)
		return nil
	})
}

// Failing is 1 while the secret cannot be used, and the keys are those of before.
func (k signingKeys) Failing() float64 {
	if k.secret != nil && k.secret.Failing() {
		return 1
	}
	return 0
}
