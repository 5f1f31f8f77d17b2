// Package drain chooses where a node hears that the load balancer takes it out: from AWS
// (pkg/awsdrain), from infra/localalb, or from nobody but its signals.
package drain

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/sixseat/sixseat/pkg/awsdrain"
	"github.com/sixseat/sixseat/pkg/service"
)

// Notice is the one that cfg names: TARGET_GROUP_ARN or DRAIN_NOTICE_URL; nil for neither.
func Notice(ctx context.Context, cfg service.Config) (service.DrainNotice, error) {
	switch {
	case cfg.TargetGroup != "" && cfg.DrainNoticeURL != "":
		return nil, errors.New("set TARGET_GROUP_ARN or DRAIN_NOTICE_URL, not both")
	case cfg.TargetGroup != "":
		return awsdrain.New(ctx, cfg.TargetGroup, cfg.TargetAddress, portOf(cfg.Addr))
	case cfg.DrainNoticeURL != "":
		addresses, err := own(cfg)
		if err != nil {
			return nil, err
		}
		return NewLocal(cfg.DrainNoticeURL, addresses)
	}
	return nil, nil
}

// own are the addresses by which the local load balancer may know this node.
func own(cfg service.Config) ([]string, error) {
	if cfg.TargetAddress != "" {
		if _, _, err := net.SplitHostPort(cfg.TargetAddress); err != nil {
			return nil, fmt.Errorf("TARGET_ADDRESS must be IP:port: %w", err)
		}
		return []string{cfg.TargetAddress}, nil
	}
	all, err := net.InterfaceAddrs()
	if err != nil {
		return nil, fmt.Errorf("find own address (set TARGET_ADDRESS instead): %w", err)
	}
	var list []string
	for _, a := range all {
		if ip, ok := a.(*net.IPNet); ok {
			list = append(list, net.JoinHostPort(ip.IP.String(), portOf(cfg.Addr)))
		}
	}
	return list, nil
}

// portOf is the port of ADDR; a bad one is reported by who listens on it.
func portOf(addr string) string {
	_, port, _ := net.SplitHostPort(addr)
	return port
}
