package plan

import (
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/sixseat/sixseat/infra/capacity/internal/strict"
)

// Price is what one of something costs.
type Price struct {
	USD    float64
	Unit   string
	Region string
	Source string
	Date   time.Time
}

// Prices are all prices of a plan, of one region.
type Prices struct {
	Region string
	Oldest time.Time
	of     map[string]Price
}

// units are the prices that a plan needs, and per what each is.
func units() map[string]string {
	units := map[string]string{
		"fargate.cpu": "vCPU-hour", "fargate.memory": "GB-hour",
		"alb.hour": "hour", "alb.lcu": "LCU-hour",
		"transfer.out": "GB", "database.disk": "GB-month",
		"endpoint.hour": "hour", "firewall.acl": "month", "firewall.rule": "month", "firewall.requests": "million",
	}
	for _, i := range instances {
		units[i.name] = "hour"
	}
	return units
}

// ReadPrices reads a price file; errors name line and field.
func ReadPrices(from io.Reader) (*Prices, error) {
	p := &Prices{of: map[string]Price{}}
	units := units()
	err := strict.Document(from, maxBytes, func(r *strict.Reader, n *yaml.Node) {
		r.Each(n, "", func(key string) strict.Field {
			unit, known := units[key]
			if !known {
				return nil
			}
			return func(n *yaml.Node, path string) { p.of[key] = p.price(r, n, path, unit) }
		}, slices.Sorted(maps.Keys(units))...)
	})
	return p, err
}

func (p *Prices) price(r *strict.Reader, n *yaml.Node, path, unit string) (price Price) {
	r.Mapping(n, path, strict.Fields{
		"usd":  r.Number(&price.USD, 1e-9, 1e6),
		"unit": r.Text(&price.Unit), "region": r.Text(&price.Region), "source": r.Text(&price.Source), "date": r.Date(&price.Date),
	}, "usd", "unit", "region", "source", "date")
	if price.Unit != "" && price.Unit != unit {
		r.Problem(n, path+".unit", "must be %s, is %s", unit, price.Unit)
	}
	if p.Region == "" {
		p.Region = price.Region
	}
	if price.Region != "" && price.Region != p.Region {
		r.Problem(n, path+".region", "must be %s, as that of the first price, is %s", p.Region, price.Region)
	}
	if p.Oldest.IsZero() || price.Date.Before(p.Oldest) {
		p.Oldest = price.Date
	}
	return price
}

// usd is the price of one of something that units has.
func (p *Prices) usd(name string) float64 { return p.of[name].USD }

// task is the price of a task, an hour.
func (p *Prices) task(s taskSize) float64 {
	return float64(s.cpu)/1024*p.usd("fargate.cpu") + float64(s.memory)/1024*p.usd("fargate.memory")
}

// Line is a line of the bill.
type Line struct {
	What string  `json:"what"`
	USD  float64 `json:"usdPerMonth"`
	How  string  `json:"how"`
}

// bill is what a plan costs in a month. What stands there is paid for all of it, as at the
// busiest time; what is paid by use, by the average.
func (p *Prices) bill(pl *Plan) (lines []Line) {
	add := func(what string, usd float64, format string, args ...any) {
		lines = append(lines, Line{what, usd, fmt.Sprintf(format, args...)})
	}
	for _, s := range pl.Services {
		size := taskSize{s.CPU, s.Memory}
		add(s.Name+"-service", float64(s.Tasks)*p.task(size)*hoursAMonth, "%d tasks of %g vCPU and %g GB on ARM", s.Tasks, float64(s.CPU)/1024, float64(s.Memory)/1024)
	}
	for _, d := range pl.Databases {
		n := float64(d.Shards * twice)
		add(d.Name+" database", n*p.usd(pl.Class)*hoursAMonth, "%d × %s and a stand-by each", d.Shards, pl.Class)
		add(d.Name+" database's disk", n*pl.Disk*p.usd("database.disk"), "%d × %.0f GB gp3, twice, for the first %s", d.Shards, pl.Disk, days(storedAtFirst))
	}
	n := pl.Cache.Shards * (1 + pl.Cache.Replicas)
	add("cache", float64(n)*p.usd(pl.Cache.Type)*hoursAMonth, "%d × %s", n, pl.Cache.Type)
	b := pl.Balancer
	add("load balancer", float64(b.Balancers)*p.usd("alb.hour")*hoursAMonth, "%d ALB", b.Balancers)
	add("load balancer's use", b.Units*pl.Traffic.Average*p.usd("alb.lcu")*hoursAMonth, "%.1f LCU on the average", b.Units*pl.Traffic.Average)
	out := pl.Demand.ToPeople * pl.Traffic.Average * 3600 * hoursAMonth / 1e9
	add("traffic to the internet", out*p.usd("transfer.out"), "%.0f GB, no discount for much", out)
	requests := pl.Demand.Requests * pl.Traffic.Average * 3600 * hoursAMonth / 1e6
	add("firewall", p.usd("firewall.acl")+firewallRules*p.usd("firewall.rule")+requests*p.usd("firewall.requests"), "%d rules, %.0f million requests", firewallRules, requests)
	add("endpoints", float64(endpoints*pl.Zones)*p.usd("endpoint.hour")*hoursAMonth, "%d in each of %d zones", endpoints, pl.Zones)
	return lines
}

// twice is multi_az: a stand-by in another zone, its disk included.
const twice = 2

// growth is what the disks of the horizon cost in a month, beyond those of the first.
func (p *Prices) growth(pl *Plan) (usd float64) {
	for _, d := range pl.Databases {
		usd += twice * math.Max(0, d.Stored-float64(d.Shards)*pl.Disk) * p.usd("database.disk")
	}
	return usd
}

// uncounted is what a bill leaves out.
var uncounted = strings.Join([]string{"logs and metrics", "backups beyond the database's size", "traffic between zones", "headers of TLS and TCP", "keys and secrets", "S3", "names", "support", "tax"}, ", ")
