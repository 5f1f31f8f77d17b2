package main

import (
	"cmp"
	"embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/sixseat/sixseat/infra/capacity/internal/costs"
	"github.com/sixseat/sixseat/infra/capacity/internal/plan"
)

// planned is what capacity plan is asked.
type planned struct {
	users                  []float64
	pattern, costs, prices string
	zones                  int
	horizon                time.Duration
	html, tfvars           string
}

// plans says what numbers of users need.
func plans(args []string, out io.Writer) error {
	var q planned
	set := flag.NewFlagSet("capacity plan", flag.ContinueOnError)
	set.SetOutput(out)
	set.Func("users", "all users, of whom the pattern says how many are there at once; a comma `list` (default 10000,100000,1000000,10000000)", q.readUsers)
	set.StringVar(&q.pattern, "pattern", "", "YAML `file` that says what people do; patterns/evening.yaml, if none is named")
	set.StringVar(&q.costs, "costs", "", "`file` of capacity measure: what one of each thing costs; the newest in the folder costs, if none is named")
	set.StringVar(&q.prices, "prices", "", "YAML `file` of what AWS asks; prices.yaml, if none is named")
	set.IntVar(&q.zones, "zones", 3, "availability zones, 2 or 3; each may be lost")
	days := set.Int("horizon", 365, "`days` after which disks are reckoned once more; nothing deletes messages")
	set.StringVar(&q.html, "html", "", "write the plans to this `file`, as a page")
	set.StringVar(&q.tfvars, "tfvars", "", "write the sizes for infra/terraform to this `file`, such as plan.auto.tfvars; -users must be one number")
	if err := set.Parse(args); err != nil {
		return err
	}
	q.horizon = time.Duration(*days) * 24 * time.Hour
	switch {
	case set.NArg() > 0:
		return fmt.Errorf("%q is no flag", set.Arg(0))
	case *days < 30 || *days > 36500:
		return fmt.Errorf("-horizon must be from 30 to 36500 days, is %d", *days)
	}
	if q.users == nil {
		q.users = []float64{1e4, 1e5, 1e6, 1e7}
	}
	if q.tfvars != "" && len(q.users) != 1 {
		return errors.New("-tfvars is for one number of -users")
	}
	return q.make(out)
}

func (q *planned) readUsers(list string) error {
	q.users = nil
	for _, text := range strings.Split(list, ",") {
		n, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		if err != nil || !(n >= 1 && n <= plan.MostUsers) {
			return fmt.Errorf("must be numbers from 1 to %g", float64(plan.MostUsers))
		}
		q.users = append(q.users, n)
	}
	return nil
}

// stored are costs that were kept; their names begin with a date.
//
//go:embed costs/*.json
var stored embed.FS

func (q *planned) readCosts() (c *costs.Costs, name string, err error) {
	if q.costs != "" {
		c, err = costs.ReadFile(q.costs)
		return c, q.costs, err
	}
	files, err := stored.ReadDir("costs")
	if err != nil {
		return nil, "", err
	}
	name = "costs/" + files[len(files)-1].Name()
	f, err := stored.Open(name)
	if err != nil {
		return nil, name, err
	}
	defer f.Close()
	if c, err = costs.Read(f); err != nil {
		err = fmt.Errorf("%s: %w", name, err)
	}
	return c, name, err
}

//go:embed prices.yaml
var listPrices string

func (q *planned) readPrices() (*plan.Prices, error) {
	if q.prices == "" {
		return plan.ReadPrices(strings.NewReader(listPrices))
	}
	f, err := os.Open(q.prices)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	p, err := plan.ReadPrices(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", q.prices, err)
	}
	return p, nil
}

func (q *planned) make(out io.Writer) error {
	b := plan.Basis{PricesFile: q.prices, PatternFile: q.pattern}
	b.Zones, b.Horizon = q.zones, q.horizon
	b.PatternFile = cmp.Or(b.PatternFile, "patterns/evening.yaml")
	b.PricesFile = cmp.Or(b.PricesFile, "prices.yaml")
	var err, problem error
	if b.Pattern, err = (&options{pattern: q.pattern}).readPattern(); err != nil {
		problem = errors.Join(problem, err)
	} else if b.Pattern.Day == nil {
		problem = errors.Join(problem, fmt.Errorf("-pattern %s: day is missing, which says how many of the users are there at once", b.PatternFile))
	}
	if b.Costs, b.CostsFile, err = q.readCosts(); err != nil {
		problem = errors.Join(problem, fmt.Errorf("-costs %w", err))
	}
	if b.Prices, err = q.readPrices(); err != nil {
		problem = errors.Join(problem, fmt.Errorf("-prices %w", err))
	}
	if problem != nil {
		return problem
	}
	if b.Ceiling, b.By, err = plan.Ceiling(b.Given); err != nil {
		return err
	}
	var all []*plan.Plan
	for _, users := range q.users {
		p, err := plan.Make(users, b.Given)
		if err != nil {
			return err
		}
		all = append(all, p)
	}
	return errors.Join(
		plan.WriteTable(out, all, b),
		write(q.html, func(w io.Writer) error { return plan.WriteHTML(w, all, b) }),
		write(q.tfvars, func(w io.Writer) error { return all[0].WriteTfvars(w, b) }),
	)
}
