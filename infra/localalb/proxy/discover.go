package proxy

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"time"
)

// name is a host name whose addresses are targets of a group, all on one port.
// With compose each replica is an address.
type name struct {
	host string
	port uint16
}

// parseTarget takes "IP:port" or "name:port"; address is "" for a name.
func parseTarget(s string) (address string, n name, err error) {
	if address, err = parseAddress(s); err == nil {
		return address, name{}, nil
	}
	host, portText, err := net.SplitHostPort(s)
	if err != nil {
		return "", name{}, fmt.Errorf("%q is not IP:port or name:port", s)
	}
	port, err := strconv.ParseUint(portText, 10, 16)
	if err != nil || port == 0 || host == "" {
		return "", name{}, fmt.Errorf("%q is not IP:port or name:port", s)
	}
	return "", name{host, uint16(port)}, nil
}

// parseAddress gives the one spelling of "IP:port" by which a target is known.
func parseAddress(s string) (string, error) {
	a, err := netip.ParseAddrPort(s)
	if err != nil || a.Port() == 0 {
		return "", fmt.Errorf("target %q is not IP:port", s)
	}
	return addressOf(a.Addr(), a.Port()), nil
}

func addressOf(ip netip.Addr, port uint16) string {
	return netip.AddrPortFrom(ip.Unmap(), port).String()
}

// admit refuses an address of the other family: AWS does, too.
func (g *group) admit(address string) error {
	if a, err := netip.ParseAddrPort(address); err != nil || a.Addr().Is4() == g.spec.IPv6 {
		return fmt.Errorf("target %s is not of the group's ip_address_type", address)
	}
	return nil
}

// discover keeps the group's targets equal to the addresses of a name until ctx ends.
// A lookup that fails changes nothing, and that the name has no address any more is
// believed when it was said emptyAnswers times: a name server that restarts says so, too.
func (g *group) discover(ctx context.Context, n name, resolve resolveFunc) {
	var known []string
	empty, said := 0, ""
	tick := time.NewTicker(discoverInterval)
	defer tick.Stop()
	for {
		addresses, err := g.lookUp(ctx, n, resolve)
		if ctx.Err() != nil {
			return
		}
		said = g.sayTrouble(n, said, addresses, err)
		switch {
		case err != nil:
		case len(addresses) > 0:
			empty = 0
			g.follow(known, addresses)
			known = addresses
		default:
			g.unhold(known...) // who comes back has left
			if empty++; empty >= emptyAnswers {
				g.follow(known, nil)
				known = nil
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// sayTrouble logs what is wrong with a name, or no longer is, when that changes. It
// returns what is wrong now.
func (g *group) sayTrouble(n name, before string, addresses []string, err error) (now string) {
	switch {
	case err != nil:
		now = "the lookup fails"
	case len(addresses) == 0:
		now = "the name has no address"
	}
	switch {
	case now == before:
	case now == "":
		g.log.Info("targets known again", "name", n.host)
	default:
		g.log.Warn("targets unknown", "name", n.host, "why", now, "err", err)
	}
	return now
}

type resolveFunc = func(ctx context.Context, host string) ([]netip.Addr, error)

// lookUp gives the targets of a name: its addresses of the group's family.
func (g *group) lookUp(ctx context.Context, n name, resolve resolveFunc) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, discoverTimeout)
	defer cancel()
	found, err := resolve(ctx, n.host)
	if notFound := (*net.DNSError)(nil); errors.As(err, &notFound) && notFound.IsNotFound {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look up %s: %w", n.host, err)
	}
	addresses := make([]string, 0, len(found))
	for _, a := range found {
		if a.Unmap().Is4() != g.spec.IPv6 {
			addresses = append(addresses, addressOf(a, n.port))
		}
	}
	slices.Sort(addresses)
	return slices.Compact(addresses), nil
}

// follow registers what is new and lets drain what has left.
func (g *group) follow(known, now []string) {
	for _, address := range known {
		if !slices.Contains(now, address) {
			g.deregisterGone(address)
		}
	}
	for _, address := range now {
		if !slices.Contains(known, address) {
			g.unhold(address) // it was deregistered before the name gave it
		}
		g.registerFound(address)
	}
}
