// Package awssecrets reads settings that are not to stand in an environment from AWS
// Secrets Manager, and makes passwords for databases that take IAM sign-in. It is the only
// package that knows those APIs.
//
// A setting such as aws-sm://sixseat/match#SIGNING_KEY names a secret, by name or ARN, and
// a field of it; without a field it is the whole secret. Credentials, region and endpoint
// come as for every AWS SDK, so AWS_ENDPOINT_URL_SECRETS_MANAGER is where else to ask.
package awssecrets

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
)

const scheme = "aws-sm://"

// The staging labels of the versions that count: the one in use, and the one before it.
const (
	current  = "AWSCURRENT"
	previous = "AWSPREVIOUS"
)

// Named reports whether a setting is to be read from Secrets Manager.
func Named(setting string) bool { return strings.HasPrefix(setting, scheme) }

// Secret is a field of a secret, or all of it.
type Secret struct {
	variable, setting string // such as SIGNING_KEY, and what it is set to
	secret, field     string
	client            *secretsmanager.Client
	trouble           trouble
}

// Value is what a version of a secret says.
type Value struct {
	Text    string
	Version string    // its id
	Created time.Time // when it was written
}

// Open makes ready to read the secret that the variable's setting names. It asks nothing yet.
func Open(ctx context.Context, variable, setting string, log *slog.Logger) (*Secret, error) {
	secret, field, hasField := strings.Cut(strings.TrimPrefix(setting, scheme), "#")
	if secret == "" || hasField && field == "" {
		return nil, fmt.Errorf("%s must be like aws-sm://name#field, with the name or ARN of a secret, not %q", variable, setting)
	}
	cfg, err := configure(ctx)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", variable, err)
	}
	if cfg.Region == "" && !strings.HasPrefix(secret, "arn:") {
		return nil, fmt.Errorf("%s: AWS_REGION is not set, and Secrets Manager has a secret in one region", variable)
	}
	return &Secret{
		variable: variable, setting: setting, secret: secret, field: field,
		client:  secretsmanager.NewFromConfig(cfg, inItsRegion(secret)),
		trouble: trouble{log: log.With("setting", variable, "secret", setting)},
	}, nil
}

// inItsRegion asks where the secret of an ARN is.
func inItsRegion(secret string) func(*secretsmanager.Options) {
	return func(o *secretsmanager.Options) {
		if parts := strings.Split(secret, ":"); len(parts) > 4 && parts[0] == "arn" {
			o.Region = parts[3]
		}
	}
}

// configure is the SDK's own configuration, with an end to everything.
func configure(ctx context.Context) (aws.Config, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	cfg, err := config.LoadDefaultConfig(ctx,
		config.WithHTTPClient(awshttp.NewBuildableClient().WithTimeout(attemptTimeout)),
		config.WithRetryer(func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts, o.MaxBackoff = attempts, maxBackoff })
		}))
	if err != nil {
		return cfg, fmt.Errorf("configure AWS: %w", err)
	}
	return cfg, nil
}

// Current reads the version in use.
func (s *Secret) Current(ctx context.Context) (Value, error) { return s.read(ctx, current) }

// Previous reads the version that was in use before it, if there is one.
func (s *Secret) Previous(ctx context.Context) (v Value, found bool, err error) {
	v, err = s.read(ctx, previous)
	var none *types.ResourceNotFoundException
	if errors.As(err, &none) {
		return Value{}, false, nil
	}
	return v, err == nil, err
}

// read needs the permission secretsmanager:GetSecretValue, and kms:Decrypt for a secret
// under a key of one's own.
func (s *Secret) read(ctx context.Context, stage string) (Value, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	out, err := s.client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &s.secret, VersionStage: &stage})
	if err != nil {
		return Value{}, fmt.Errorf("%s: %s: %s cannot be read: %w", s.variable, s.setting, stage, err)
	}
	text, err := s.pick(out.SecretString)
	if err != nil {
		return Value{}, fmt.Errorf("%s: %s: %w", s.variable, s.setting, err)
	}
	return Value{Text: text, Version: aws.ToString(out.VersionId), Created: aws.ToTime(out.CreatedDate)}, nil
}

// pick takes the field out of a secret's text. Its errors say nothing of the text.
func (s *Secret) pick(whole *string) (string, error) {
	if whole == nil {
		return "", errors.New("octets and no text")
	}
	if s.field == "" {
		return *whole, nil
	}
	var fields map[string]any
	if json.Unmarshal([]byte(*whole), &fields) != nil {
		return "", fmt.Errorf("no field %q: it is no JSON object", s.field)
	}
	value, found := fields[s.field]
	if !found {
		return "", fmt.Errorf("no field %q", s.field)
	}
	text, is := value.(string)
	if !is || text == "" {
		return "", fmt.Errorf("no text in the field %q", s.field)
	}
	return text, nil
}
