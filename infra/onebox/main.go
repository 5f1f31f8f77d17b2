// Command onebox runs the whole of Sixseat in one process, with nothing else on the
// machine: the load balancer with the real listener rules, both services behind it,
// SQLite for PostgreSQL and a Redis inside the process.
//
//	ADDR=127.0.0.1:8080 DATA_DIR=.sixseat onebox
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/sixseat/sixseat/infra/onebox/box"
	"github.com/sixseat/sixseat/pkg/service"
)

func main() {
	service.Main("onebox", map[string]service.Verb{"serve": serve})
}

func serve(ctx context.Context) error {
	cfg, err := service.Load[box.Config]()
	if err != nil {
		return err
	}
	log, err := service.NewLogger(os.Stderr, "onebox", cfg.LogFormat, cfg.LogLevel)
	if err != nil {
		return err
	}
	stores, err := box.Embedded(cfg.DataDir, cfg.S3Addr, log)
	if err != nil {
		return err
	}
	b, err := box.New(ctx, cfg, stores, log)
	if err != nil {
		return err
	}
	return b.Run(ctx, func() { fmt.Print(b.Welcome()) })
}
