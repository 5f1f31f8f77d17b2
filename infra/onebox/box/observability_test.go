package box

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
	"go.yaml.in/yaml/v3"

	"github.com/sixseat/sixseat/pkg/embedded"
	"github.com/sixseat/sixseat/pkg/metrictest"
	"github.com/sixseat/sixseat/pkg/service"

	chat "github.com/sixseat/sixseat/services/chat-service/app"
)

const observability = "../../observability/"

// jobs are the names under which prometheus.yaml scrapes, each with what such a process shows.
type jobs map[string]metrictest.Scrape

// scrapeAll runs the whole system, with a chat-service that is not alone, and asks
// everybody once.
func scrapeAll(t *testing.T) jobs {
	t.Helper()
	stores, err := Embedded(t.TempDir(), "127.0.0.1:0", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	b, err := New(t.Context(), Config{Addr: "127.0.0.1:0"}, stores, log)
	if err != nil {
		t.Fatal(err)
	}
	run(t, func(ctx context.Context, ready func()) error { return b.Run(ctx, ready) })
	more, err := Embedded(t.TempDir(), "127.0.0.1:0", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := chat.Migrate(t.Context(), more.Chat); err != nil {
		t.Fatal(err)
	}
	keys, err := publicKeys(more.SigningKey)
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := service.LoadFrom[chat.Config](map[string]string{"ADDR": "127.0.0.1:0", "ADMIN_ADDR": "127.0.0.1:0", "VERIFY_KEYS": keys, "FILES_BUCKET": embedded.Bucket, "DRAIN_NOTICE": "0s", "DRAIN_WINDOW": "0s"})
	if err != nil {
		t.Fatal(err)
	}
	c, err := chat.New(t.Context(), cfg, chat.Parts{Dialector: more.Chat, Redis: more.Redis, S3: more.Files.Client, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	run(t, func(ctx context.Context, ready func()) error { ready(); return c.Run(ctx) })
	admin := httptest.NewServer(b.lb.Admin())
	t.Cleanup(admin.Close)
	for _, url := range []string{b.URL() + "/match/healthz", b.URL() + "/chat/healthz", b.URL() + "/nowhere", "http://" + c.Addr() + "/chat/healthz"} {
		resp, err := http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close() // that it was answered is all
	}
	return jobs{
		"chat-service":  metrictest.Read(t, "http://"+c.AdminAddr()+"/metrics"),
		"match-service": metrictest.Read(t, "http://"+b.match.AdminAddr()+"/metrics"),
		"load-balancer": metrictest.Read(t, admin.URL+"/metrics"),
	}
}

// run runs something until the test ends, and returns when it is ready.
func run(t *testing.T, something func(ctx context.Context, ready func()) error) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	ready, done := make(chan struct{}), make(chan error, 1)
	go func() { done <- something(ctx, func() { close(ready) }) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	select {
	case <-ready:
	case err := <-done:
		done <- nil
		t.Fatal(err)
	}
}

// query is one of an alert or of a panel.
type query struct{ where, expr, legend string }

type alert struct {
	Alert, Expr string
	Labels      map[string]string
}

func readYAML[T any](t *testing.T, file string) (v T) {
	t.Helper()
	data, err := os.ReadFile(observability + file)
	if err == nil {
		err = yaml.Unmarshal(data, &v)
	}
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return v
}

func alerts(t *testing.T) (list []alert) {
	t.Helper()
	rules := readYAML[struct{ Groups []struct{ Rules []alert } }](t, "alerts.yaml")
	for _, g := range rules.Groups {
		list = append(list, g.Rules...)
	}
	return list
}

// panels are the queries of a dashboard: of its panels and of its annotations.
func panels(t *testing.T, file string) (list []query) {
	t.Helper()
	var d struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr, LegendFormat string }
		}
		Annotations struct {
			List []struct{ Name, Expr, TitleFormat string }
		}
	}
	data, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(data, &d)
	}
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	for _, p := range d.Panels {
		for _, target := range p.Targets {
			list = append(list, query{filepath.Base(file) + ": " + p.Title, target.Expr, target.LegendFormat})
		}
	}
	for _, a := range d.Annotations.List {
		list = append(list, query{filepath.Base(file) + ": " + a.Name, a.Expr, a.TitleFormat})
	}
	return list
}

// Every query names metrics, labels and values that running services show.
func TestObservability_queriesNameWhatExists(t *testing.T) {
	all := scrapeAll(t)
	var queries []query
	for _, a := range alerts(t) {
		queries = append(queries, query{where: "alert " + a.Alert, expr: a.Expr})
	}
	files, err := filepath.Glob(observability + "dashboards/*.json")
	if err != nil || len(files) != 3 {
		t.Fatalf("dashboards: %v, %v", files, err)
	}
	for _, f := range files {
		queries = append(queries, panels(t, f)...)
	}
	if len(queries) < 100 {
		t.Errorf("only %d queries were found", len(queries))
	}
	for _, q := range queries {
		for _, wrong := range all.wrong(q) {
			t.Errorf("%s: %s\n%s", q.where, wrong, q.expr)
		}
	}
}

// The check itself finds what is wrong.
func TestObservability_findsPlantedMistakes(t *testing.T) {
	all := scrapeAll(t)
	for expr, want := range map[string]string{
		`rate(chat_post_total[5m])`:                                            "chat_post_total is shown by nobody",
		`rate(chat_commit_seconds[5m])`:                                        "chat_commit_seconds is a histogram",
		`chat_sockets_bucket`:                                                  "chat_sockets_bucket is shown by nobody",
		`chat_sockets{node="a"}`:                                               "has no label node",
		`sum by (cod) (rate(chat_closes_total[5m]))`:                           "has no label cod",
		`rate(chat_closes_total{code="4711"}[5m])`:                             `no series with code="4711"`,
		`match_queue_waiting{rank=~"top.*"}`:                                   `no series with rank=~"top.*"`,
		`chat_sockets{job="match-service"}`:                                    "chat_sockets is shown by nobody",
		`histogram_quantile(0.9, sum(rate(chat_delivery_seconds_bucket[5m])))`: "le was summed away",
		`sum(`: "parse error",
	} {
		if got := fmt.Sprint(all.wrong(query{expr: expr})); !strings.Contains(got, want) {
			t.Errorf("%s: found %s, want %q", expr, got, want)
		}
	}
	if got := fmt.Sprint(all.wrong(query{expr: "sum by (code) (chat_closes_total)", legend: "{{kind}}"})); !strings.Contains(got, "legend has kind") {
		t.Error(got)
	}
}

var legendLabel = regexp.MustCompile(`{{\s*(\w+)\s*}}`)

// wrong is what a query says that is not so.
func (j jobs) wrong(q query) (list []string) {
	expr, err := parser.NewParser(parser.Options{}).ParseExpr(strings.ReplaceAll(q.expr, "$__rate_interval", "5m"))
	if err != nil {
		return []string{"parse error: " + err.Error()}
	}
	shown := map[string]bool{} // labels that the result may have
	parser.Inspect(expr, func(node parser.Node, _ []parser.Node) error {
		switch n := node.(type) {
		case *parser.VectorSelector:
			has, problem := j.find(n)
			list = append(list, problem...)
			for _, l := range has {
				shown[l] = true
			}
		case *parser.AggregateExpr:
			list = append(list, j.grouping(n)...)
		case *parser.Call:
			if inner, ok := n.Args[len(n.Args)-1].(*parser.AggregateExpr); ok && n.Func.Name == "histogram_quantile" && !slices.Contains(inner.Grouping, "le") {
				list = append(list, "le was summed away")
			}
		}
		return nil
	})
	if top, ok := expr.(*parser.AggregateExpr); ok {
		clear(shown)
		for _, l := range top.Grouping {
			shown[l] = true
		}
	}
	for _, m := range legendLabel.FindAllStringSubmatch(q.legend, -1) {
		if !shown[m[1]] {
			list = append(list, "the legend has "+m[1]+", the result has not")
		}
	}
	return list
}

// grouping finds labels by which is grouped and that the metric below does not have.
func (j jobs) grouping(a *parser.AggregateExpr) (list []string) {
	parser.Inspect(a.Expr, func(node parser.Node, _ []parser.Node) error {
		if n, ok := node.(*parser.VectorSelector); ok {
			has, _ := j.find(n)
			for _, l := range a.Grouping {
				if has != nil && !slices.Contains(has, l) {
					list = append(list, n.Name+" has no label "+l)
				}
			}
		}
		return nil
	})
	return list
}

// find is what labels a selector's metric has, and what the selector says wrongly.
func (j jobs) find(n *parser.VectorSelector) (has, wrong []string) {
	if n.Name == "up" { // Prometheus' own
		return []string{"job", "instance"}, nil
	}
	var family *dto.MetricFamily
	for job, scrape := range j {
		if f := scrape.Families[n.Name]; f != nil && j.selects(n, job) {
			family = f
		}
	}
	has = []string{"job", "instance"}
	histogram := ""
	if family == nil {
		for _, suffix := range []string{"_bucket", "_count", "_sum"} {
			name, cut := strings.CutSuffix(n.Name, suffix)
			for job, scrape := range j {
				if f := scrape.Families[name]; cut && f != nil && f.GetType() == dto.MetricType_HISTOGRAM && j.selects(n, job) {
					family, histogram = f, suffix
				}
			}
		}
	} else if family.GetType() == dto.MetricType_HISTOGRAM {
		return nil, []string{n.Name + " is a histogram: it has _bucket, _count and _sum"}
	}
	if family == nil {
		return nil, []string{n.Name + " is shown by nobody that it selects"}
	}
	has = append(has, metrictest.Labels(family)...)
	if histogram == "_bucket" {
		has = append(has, "le")
	}
	for _, m := range n.LabelMatchers {
		switch {
		case m.Name == "__name__" || m.Name == "job":
		case !slices.Contains(has, m.Name):
			wrong = append(wrong, n.Name+" has no label "+m.Name)
		case slices.Contains(trafficLabels, m.Name) || anySeries(family, m):
		default:
			wrong = append(wrong, fmt.Sprintf("%s has no series with %s", n.Name, m))
		}
	}
	return has, wrong
}

// trafficLabels have values that only some traffic brings: statuses, routes.
var trafficLabels = []string{"status", "route", "instance"}

func (j jobs) selects(n *parser.VectorSelector, job string) bool {
	for _, m := range n.LabelMatchers {
		if m.Name == "job" && !m.Matches(job) {
			return false
		}
	}
	return true
}

func anySeries(f *dto.MetricFamily, m *labels.Matcher) bool {
	for _, series := range f.GetMetric() {
		for _, l := range series.GetLabel() {
			if l.GetName() == m.Name && m.Matches(l.GetValue()) {
				return true
			}
		}
	}
	return false
}

// Each alert says whether it wakes somebody, has a paragraph in the runbook and two tests,
// and there are no others.
func TestObservability_alertsHaveARunbookAndTests(t *testing.T) {
	readme, err := os.ReadFile(observability + "README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, runbook, _ := strings.Cut(string(readme), "\n## Runbook\n")
	var written, tested, named []string
	for _, m := range regexp.MustCompile(`(?m)^### (\w+)\n(\S.*)$`).FindAllStringSubmatch(runbook, -1) {
		written = append(written, m[1])
	}
	worlds := readYAML[struct {
		Tests []struct {
			Rules []struct {
				Alertname string
				Expected  []any `yaml:"exp_alerts"`
			} `yaml:"alert_rule_test"`
		}
	}](t, "alerts_test.yaml")
	fires := map[string]bool{}
	for _, w := range worlds.Tests {
		for _, r := range w.Rules {
			if len(r.Expected) > 0 {
				fires[r.Alertname] = true
			} else {
				tested = append(tested, r.Alertname)
			}
		}
	}
	for _, a := range alerts(t) {
		named = append(named, a.Alert)
		if !fires[a.Alert] {
			t.Errorf("%s: no test lets it fire", a.Alert)
		}
		if s := a.Labels["severity"]; s != "page" && s != "ticket" {
			t.Errorf("%s: severity is %q", a.Alert, s)
		}
	}
	if !slices.Equal(written, named) {
		t.Errorf("the runbook has\n%v\nthe rules have\n%v", written, named)
	}
	if !slices.Equal(tested, named) {
		t.Errorf("quiet worlds are of\n%v\nthe rules are\n%v", tested, named)
	}
}
