// Package service is what every service of Sixseat needs once: configuration,
// logging, the public and the admin listener, request ids, health and the verbs of
// the command line.
//
// A service's app package puts these together with its own parts. Nothing here knows
// what a service does.
package service

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"
)

// Config is the part of the configuration that all services share. The table in each
// service's README is checked against these tags by a test.
type Config struct {
	Addr             string        `env:"ADDR" envDefault:":8080" help:"public listener, host:port"`
	AdminAddr        string        `env:"ADMIN_ADDR" envDefault:":8081" help:"admin listener: health, metrics, pprof; never routed by the load balancer"`
	DatabaseURL      string        `env:"DATABASE_URL" help:"PostgreSQL, as postgres://user:password@host:port/name"`
	DatabasePassword string        `env:"DATABASE_PASSWORD" help:"the password in place of the URL's; aws-sm://name#field: from AWS Secrets Manager, read again when it is refused; aws-rds-iam: a token of IAM for each connection"`
	RedisURL         string        `env:"REDIS_URL" help:"Redis, as redis://host:port/0, or rediss:// for TLS; ?cluster=true for a Redis Cluster"`
	AllowedOrigins   []string      `env:"ALLOWED_ORIGINS" help:"browser origins besides the load balancer's own, comma list"`
	LogFormat        string        `env:"LOG_FORMAT" envDefault:"json" help:"json or text"`
	LogLevel         string        `env:"LOG_LEVEL" envDefault:"info" help:"debug, info, warn or error"`
	DrainNotice      time.Duration `env:"DRAIN_NOTICE" envDefault:"12s" help:"how long a stopping node still accepts, so that the load balancer notices: at least interval x threshold + timeout of its health check"`
	DrainWindow      time.Duration `env:"DRAIN_WINDOW" envDefault:"60s" help:"over how long a stopping node closes its sockets and streams"`
	TargetGroup      string        `env:"TARGET_GROUP_ARN" help:"AWS target group; when it drains this node, the node stops before it gets SIGTERM"`
	DrainNoticeURL   string        `env:"DRAIN_NOTICE_URL" help:"the same of infra/localalb: its admin listener's list, like http://alb:8090/targets"`
	Traces           string        `env:"OTEL_EXPORTER_OTLP_ENDPOINT" help:"OpenTelemetry collector for traces, OTLP over HTTP, like http://collector:4318; none: no traces"`
	TargetAddress    string        `env:"TARGET_ADDRESS" help:"IP:port by which the load balancer knows this node, if not its own address and the port of ADDR"`
}

// Load reads a configuration from the environment, with the defaults of its tags.
// All problems are reported together, each with the name of its variable. A number or a
// time below zero means nothing in any of our settings, and is a problem too.
func Load[T any]() (T, error) {
	return LoadFrom[T](env.ToMap(os.Environ()))
}

// LoadFrom reads a configuration from the given variables instead.
func LoadFrom[T any](environ map[string]string) (T, error) {
	cfg, err := env.ParseAsWithOptions[T](env.Options{Environment: environ})
	if err == nil {
		return cfg, belowZero(cfg)
	}
	var all env.AggregateError
	if !errors.As(err, &all) {
		return cfg, fmt.Errorf("configuration: %w", err)
	}
	lines, variables := make([]string, len(all.Errors)), variablesByField(cfg)
	for i, e := range all.Errors {
		lines[i] = e.Error()
		var bad env.ParseError
		if errors.As(e, &bad) { // it names the field, which is no help to who sets the variable
			lines[i] = variables[bad.Name] + ": " + bad.Err.Error()
		}
	}
	return cfg, errors.New("configuration: " + strings.Join(lines, "; "))
}

// Setting is one line of the configuration table.
type Setting struct {
	Name, Default, Help string
}

// Settings lists what T reads from the environment, in the order of its fields.
func Settings[T any]() ([]Setting, error) {
	var cfg T
	params, err := env.GetFieldParams(&cfg)
	if err != nil {
		return nil, fmt.Errorf("list settings: %w", err)
	}
	help := helpByName(cfg)
	list := make([]Setting, len(params))
	for i, p := range params {
		list[i] = Setting{Name: p.Key, Default: p.DefaultValue, Help: help[p.Key]}
	}
	return list, nil
}
