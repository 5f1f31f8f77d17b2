// Package awsdrain asks AWS whether the load balancer drains this node: Elastic Load
// Balancing's DescribeTargetHealth on the own address, which the ECS task metadata
// endpoint tells. It is the only package that knows that API.
package awsdrain

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// metadataVariable is where ECS says how to ask for a container's metadata (ECS developer
// guide, task metadata endpoint version 4).
const metadataVariable = "ECS_CONTAINER_METADATA_URI_V4"

// maxMetadata bounds what is read of a container's metadata, which has a few KiB.
const maxMetadata = 1 << 20

// startTimeout bounds the questions of New: both are answered on the machine itself, within
// milliseconds, and a node that cannot start shall say so.
const startTimeout = 2 * time.Second

// Notice implements service.DrainNotice.
type Notice struct {
	client *elb.Client
	group  string
	target types.TargetDescription
}

// New asks for the target at address (IP:port) in the group of this ARN. Without an
// address it is the container's own, with port. Credentials and region come as for every
// AWS SDK. It needs the permission elasticloadbalancing:DescribeTargetHealth.
func New(ctx context.Context, groupARN, address, port string) (*Notice, error) {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	if address == "" {
		ip, err := ownIP(ctx)
		if err != nil {
			return nil, fmt.Errorf("find own address (set TARGET_ADDRESS instead): %w", err)
		}
		address = net.JoinHostPort(ip, port)
	}
	ip, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("TARGET_ADDRESS must be IP:port: %w", err)
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return nil, fmt.Errorf("TARGET_ADDRESS must be IP:port: %w", err)
	}
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, fmt.Errorf("configure AWS: %w", err)
	}
	n := int32(number)
	return &Notice{elb.NewFromConfig(cfg), groupARN, types.TargetDescription{Id: &ip, Port: &n}}, nil
}

// Draining implements service.DrainNotice.
func (n *Notice) Draining(ctx context.Context) (bool, error) {
	out, err := n.client.DescribeTargetHealth(ctx, &elb.DescribeTargetHealthInput{
		TargetGroupArn: &n.group, Targets: []types.TargetDescription{n.target},
	})
	if err != nil {
		return false, fmt.Errorf("ask for the target's health: %w", err)
	}
	for _, d := range out.TargetHealthDescriptions {
		if d.TargetHealth != nil && d.TargetHealth.State == types.TargetHealthStateEnumDraining {
			return true, nil
		}
	}
	return false, nil
}

// ownIP is the container's address in the network mode awsvpc, which Fargate has.
func ownIP(ctx context.Context) (string, error) {
	url := os.Getenv(metadataVariable)
	if url == "" {
		return "", errors.New(metadataVariable + " is not set: this is no ECS task")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%s answered %s", url, resp.Status)
	}
	var container struct {
		Networks []struct{ IPv4Addresses []string }
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxMetadata)).Decode(&container); err != nil {
		return "", fmt.Errorf("read %s: %w", url, err)
	}
	for _, n := range container.Networks {
		if len(n.IPv4Addresses) > 0 {
			return n.IPv4Addresses[0], nil
		}
	}
	return "", fmt.Errorf("%s names no IPv4 address", url)
}
