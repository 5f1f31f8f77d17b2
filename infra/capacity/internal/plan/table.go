package plan

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/sixseat/sixseat/infra/capacity/internal/costs"
)

// Basis is what plans rest on, for their reader.
type Basis struct {
	Given
	CostsFile, PricesFile, PatternFile string
	Ceiling                            float64 // users up to which the stack carries as it is written
	By                                 End     // what ends it
}

// lines say it in sentences.
func (b Basis) lines() []string {
	c, m := b.Costs, b.Costs.Machine
	doubts := "none"
	if len(c.Doubts) > 0 {
		doubts = strings.Join(c.Doubts, "; ")
	}
	return []string{
		fmt.Sprintf("The stack as Terraform builds it carries up to about %s users. What ends it first: %s. Beyond, it takes %s.", short(math.Floor(b.Ceiling/1000)*1000), b.By.What, b.By.Then),
		fmt.Sprintf("Costs: %s, measured %s at commit %s on %d × %s. A vCPU is taken to be as fast as one of these cores; the load shared them.", b.CostsFile, c.Date.Format("2 January 2006"), c.Commit, m.CPUs, m.CPU),
		"Doubts of that measurement: " + doubts + ".",
		fmt.Sprintf("People: %s. Of all users %g %% are there at once when most are; day and night there is %g %% of the traffic of then.", b.PatternFile, 100*b.Pattern.Day.Present, 100*b.Pattern.Day.Average),
		fmt.Sprintf("Head-room: at most %g %% of anything with all %d zones there, %g %% with one gone, %g %% of a database or cache.", 100*busy, b.Zones, 100*strained, 100*storeBusy),
		fmt.Sprintf("Disks: bought for the first %s, and grown by RDS; nothing deletes messages. They are reckoned for %s as well.", days(storedAtFirst), days(b.Horizon)),
		fmt.Sprintf("Prices: %s, list prices of %s, written down from memory on %s: check them before you rely on the bill. Not counted: %s.", b.PricesFile, b.Prices.Region, b.Prices.Oldest.Format("2 January 2006"), uncounted),
	}
}

// row is a line of the table, with a cell for each plan.
type row struct {
	Name string
	Cell func(p *Plan) string
}

func rows(horizon time.Duration) []row {
	rate := func(op costs.Op) func(p *Plan) string {
		return func(p *Plan) string { return short(p.Traffic.PerSecond()[op]) }
	}
	service := func(i int) []row {
		name := []string{"chat-service", "match-service"}[i]
		return []row{
			{name, func(p *Plan) string { return p.Services[i].String() }},
			{"  binds first", func(p *Plan) string { return bound(p.Services[i].Without, p.Services[i].Binds) }},
			{"  with a zone gone", func(p *Plan) string { return fmt.Sprintf("%d tasks", p.Services[i].Left) }},
		}
	}
	database := func(i int) []row {
		name := []string{"chat database", "match database"}[i]
		return []row{
			{name, func(p *Plan) string { return fmt.Sprintf("%d × %s", p.Databases[i].Shards, p.Class) }},
			{"  binds first", func(p *Plan) string { return bound(p.Databases[i].Uses, p.Databases[i].Binds) }},
			{"  stored after " + days(horizon), func(p *Plan) string { return short(p.Databases[i].Stored) + " GB" }},
		}
	}
	list := []row{
		{"there at once", func(p *Plan) string { return short(p.Traffic.Present) }},
		{"visits/s", func(p *Plan) string { return short(p.Traffic.Visits) }},
		{"messages/s", rate(costs.Message)},
		{"deliveries/s", rate(costs.Delivery)},
		{"open sockets", func(p *Plan) string { return short(p.Traffic.Sockets) }},
	}
	list = append(append(append(append(list, service(0)...), service(1)...), database(0)...), database(1)...)
	return append(list,
		row{"cache", func(p *Plan) string { return fmt.Sprintf("%d × %s", p.Cache.Shards, p.Cache.Type) }},
		row{"  binds first", func(p *Plan) string { return bound(p.Cache.Uses, p.Cache.Binds) }},
		row{"load balancer", func(p *Plan) string { return fmt.Sprintf("%d, %s LCU", p.Balancer.Balancers, short(p.Balancer.Units)) }},
		row{"  binds first", func(p *Plan) string { return p.Balancer.Binds }},
		row{"USD a month, at first", func(p *Plan) string { return short(p.Total) }},
		row{"  after " + days(horizon), func(p *Plan) string { return short(p.Later) }},
		row{"nearest to its end", func(p *Plan) string { return p.Ends[0].What }},
		row{"  of what there can be", func(p *Plan) string { return fmt.Sprintf("%.0f %%", 100*p.Ends[0].Share) }},
	)
}

// String is a service's tasks in a few words.
func (s Service) String() string {
	return fmt.Sprintf("%d × %g vCPU, %g GB", s.Tasks, float64(s.CPU)/1024, float64(s.Memory)/1024)
}

func bound(uses []Use, binds string) string {
	for _, u := range uses {
		if u.What == binds {
			return fmt.Sprintf("%s, %.0f %%", binds, 100*u.Share)
		}
	}
	return binds
}

// WriteTable writes plans side by side, as text.
func WriteTable(w io.Writer, plans []*Plan, b Basis) error {
	tab := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprint(tab, "users")
	for _, p := range plans {
		fmt.Fprintf(tab, "\t%s", short(p.Traffic.Users))
	}
	for _, r := range rows(b.Horizon) {
		fmt.Fprintf(tab, "\n%s", r.Name)
		for _, p := range plans {
			fmt.Fprintf(tab, "\t%s", r.Cell(p))
		}
	}
	fmt.Fprintln(tab)
	if err := tab.Flush(); err != nil {
		return err
	}
	var text strings.Builder
	for _, p := range plans {
		for _, note := range p.Notes {
			fmt.Fprintf(&text, "\n%s users: %s\n", short(p.Traffic.Users), note)
		}
	}
	fmt.Fprintf(&text, "\n%s\n", strings.Join(b.lines(), "\n"))
	_, err := io.WriteString(w, text.String())
	return err
}

// days is a time in whole days.
func days(d time.Duration) string { return fmt.Sprintf("%.0f days", d.Hours()/24) }

// short is a number of three digits that tell, with commas.
func short(v float64) string {
	if v != 0 && math.Abs(v) < 100 {
		return strconv.FormatFloat(v, 'g', 3, 64)
	}
	if math.Abs(v) >= 1e4 { // more digits would be a promise
		unit := math.Pow(10, math.Floor(math.Log10(math.Abs(v)))-2)
		v = math.Round(v/unit) * unit
	}
	digits := strconv.FormatFloat(math.Round(v), 'f', 0, 64)
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
