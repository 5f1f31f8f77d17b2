package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/sixseat/sixseat/infra/capacity/internal/judge"
	"github.com/sixseat/sixseat/infra/capacity/internal/meter"
	"github.com/sixseat/sixseat/infra/capacity/internal/usage"
)

func result() *Result {
	r := &Result{
		Schema: Schema, Date: time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC), Commit: "abc", Machine: ThisMachine(), Scenario: "chat",
		Settings: map[string]string{"rate": "10,20"}, Connections: 12, Sent: 30, Delivered: 180,
		Latency:   map[string]meter.Quantiles{"delivery": {Count: 180, P50: 1.5, P99: 3}},
		Histogram: map[string][]meter.Bar{"delivery": {{UpToMs: 1, Count: 80}, {UpToMs: 2, Count: 100}}},
		Measures:  map[string]float64{"wholeSeconds": 4.5},
		Steps: []Step{{
			Name: "10/s", Rate: 10, Seconds: 3, Sent: 30, Delivered: 180,
			Used: map[string]usage.Sample{"chat": {CPU: 0.9, RSS: 3 << 20, GCs: 7, GCPause: 0.0014, Commits: 50, CommitSeconds: 0.1, Stored: 125, Trips: 4, TripSeconds: 0.003}},
			Cost: map[string]float64{"chat": 5000}, PerLine: map[string]float64{"chat": 2048},
		}},
	}
	for i := range 3 {
		r.Seconds = append(r.Seconds, Second{
			At: float64(i + 1), Connections: int64(6 * i), Latency: meter.Quantiles{Count: 60, P50: 1, P99: float64(2 + i)},
			Usage: map[string]usage.Sample{"chat": {CPU: 0.25 * float64(i), RSS: int64(i+1) << 20}},
		})
	}
	return r
}

func TestWriteJSON_comesBackAsItWas(t *testing.T) {
	var b bytes.Buffer
	if err := result().WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	var got Result
	if err := json.Unmarshal(b.Bytes(), &got); err != nil || !reflect.DeepEqual(&got, result()) {
		t.Errorf("%v\n%+v\n%+v", err, &got, result())
	}
}

func written(t *testing.T, r *Result) string {
	t.Helper()
	var b strings.Builder
	if err := r.WriteHTML(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestWriteHTML_hasEachChartAndNeedsNobody(t *testing.T) {
	page := written(t, result())
	for _, want := range []string{
		"Latency over time", "How long: delivery", "CPU against connections", "Memory against connections", "Cost per delivery against rate",
		`name="viewport"`, "<strong>Clean:</strong>", "commit abc", "28 November 2026", "wholeSeconds", "10,20",
		"<td>7<td>200<td>50<td>2<td>2.5<td>4<td>0.75</tr>",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %q", want)
		}
	}
	if n := strings.Count(page, "<svg"); n != 6 {
		t.Errorf("%d charts, want 6", n)
	}
	if found := regexp.MustCompile(`(?i)<script|https?:|src=|@import|<link|url\(`).FindString(page); found != "" {
		t.Errorf("the page needs others: %s", found)
	}
}

func TestWriteHTML_saysWhatWasWrong(t *testing.T) {
	r := result()
	r.Failures = map[string]meter.Failure{"connect": {Count: 3, Example: "<b>refused</b>"}}
	r.Promises = judge.Verdict{Broken: map[judge.Rule]int64{judge.Lost: 2}, Examples: []judge.Finding{{Rule: judge.Lost, Room: "r1", Detail: "seq 7"}}}
	page := written(t, r)
	for _, want := range []string{"Not clean:", "3 × connect, the first: &lt;b&gt;refused", "2 × lost", "room r1, lost: seq 7"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %q", want)
		}
	}
	if err := r.Clean(); err == nil || !strings.Contains(err.Error(), "3 failures, 2 broken promises") {
		t.Error(err)
	}
	if err := result().Clean(); err != nil {
		t.Error(err)
	}
}

// Every point is drawn within the picture, the picture is XML, and nothing is not a number.
func TestChart_drawsWhatItIsGiven(t *testing.T) {
	for what, c := range map[string]struct {
		chart chart
		marks string
		n     int
	}{
		"lines":        {chart{series: []series{{points: []point{{0, 1}, {5, 3}}}, {points: []point{{0, 0}, {5, 99999}}}}}, `class="line"`, 2},
		"dots":         {chart{style: dots, series: []series{{points: []point{{0, 1}, {1e6, 3}, {7, 0.001}}}}}, "<circle", 3},
		"bars":         {chart{style: bars, names: []string{"1", "<2"}, series: []series{{points: []point{{0, 1}, {1, 300}}}}}, "<rect", 2},
		"all the same": {chart{style: dots, series: []series{{points: []point{{3, 0}, {3, 0}}}}}, "<circle", 2},
		"one at zero":  {chart{style: dots, series: []series{{points: []point{{0, 0}}}}}, "<circle", 1},
		"nothing":      {chart{series: []series{{}}}, "nothing for this chart", 1},
	} {
		svg := string(c.chart.SVG())
		if n := strings.Count(svg, c.marks); n != c.n {
			t.Errorf("%s: %d marks, want %d: %s", what, n, c.n, svg)
		}
		if found := regexp.MustCompile(`NaN|Inf|="-`).FindString(svg); found != "" {
			t.Errorf("%s: has %s: %s", what, found, svg)
		}
		if err := isXML(svg); err != nil {
			t.Errorf("%s: %v: %s", what, err, svg)
		}
	}
}

func isXML(text string) error {
	for dec := xml.NewDecoder(strings.NewReader(text)); ; {
		if _, err := dec.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// The picture stands by itself in a document, also of a run in which nothing was heard.
func TestWriteSVG_standsAlone(t *testing.T) {
	for what, r := range map[string]*Result{"a run": result(), "nothing": {}} {
		var b strings.Builder
		if err := r.WriteSVG(&b); err != nil {
			t.Fatal(err)
		}
		svg := b.String()
		if err := isXML(svg); err != nil || !strings.HasPrefix(svg, `<svg xmlns="http://www.w3.org/2000/svg"`) || strings.Count(svg, `class="head"`) != 2 {
			t.Errorf("%s: %v: %s", what, err, svg)
		}
		if found := regexp.MustCompile(`NaN|Inf|href|url\(`).FindString(svg); found != "" {
			t.Errorf("%s: has %s: %s", what, found, svg)
		}
		if want := map[string]int{"a run": 4, "nothing": 0}[what]; strings.Count(svg, `class="line"`) != want {
			t.Errorf("%s: want %d lines: %s", what, want, svg)
		}
	}
}

func TestCharts_haveThePointsOfTheRun(t *testing.T) {
	r := result()
	over := r.overTime()
	if p99 := over.series[0]; p99.name != "p99" || !reflect.DeepEqual(p99.points, []point{{1, 2}, {2, 3}, {3, 4}}) {
		t.Errorf("over time: %+v", over.series)
	}
	both := r.againstConnections()
	if cores := both[0].series[0]; cores.name != "chat" || !reflect.DeepEqual(cores.points, []point{{6, 0.25}, {12, 0.25}}) {
		t.Errorf("cores: %+v", cores)
	}
	if mib := both[1].series[0]; !reflect.DeepEqual(mib.points, []point{{0, 1}, {6, 2}, {12, 3}}) {
		t.Errorf("memory: %+v", mib)
	}
	if cost := r.costs().series[0]; !reflect.DeepEqual(cost.points, []point{{60, 5000}}) {
		t.Errorf("cost: %+v", cost)
	}
	if h := r.histograms()[0]; !reflect.DeepEqual(h.names, []string{"1", "2"}) || !reflect.DeepEqual(h.series[0].points, []point{{0, 80}, {1, 100}}) {
		t.Errorf("histogram: %+v", h)
	}
}

func TestThin_addsUpAndHidesNoPeak(t *testing.T) {
	r := result()
	r.Seconds = nil
	for i := range 9 {
		phase := "talk"
		if i >= 7 {
			phase = "settle"
		}
		r.Seconds = append(r.Seconds, Second{
			At: float64(i + 1), Phase: phase, Connections: int64(i), Sent: 1, Delivered: 6, Failures: int64(i % 2),
			Latency: meter.Quantiles{Count: 6, P99: float64(10 - i)}, LateMs: float64(i),
			Usage: map[string]usage.Sample{"chat": {CPU: float64(i)}},
		})
	}
	r.Seconds[2].Usage = nil // it was too busy to answer
	thin := r.Thin(3)
	want := []Second{
		{At: 3, Phase: "talk", Connections: 2, Sent: 3, Delivered: 18, Failures: 1, Latency: meter.Quantiles{Count: 18, P99: 10}, LateMs: 2, Usage: map[string]usage.Sample{"chat": {CPU: 1}}},
		{At: 6, Phase: "talk", Connections: 5, Sent: 3, Delivered: 18, Failures: 2, Latency: meter.Quantiles{Count: 18, P99: 7}, LateMs: 5, Usage: map[string]usage.Sample{"chat": {CPU: 5}}},
		{At: 7, Phase: "talk", Connections: 6, Sent: 1, Delivered: 6, Latency: meter.Quantiles{Count: 6, P99: 4}, LateMs: 6, Usage: map[string]usage.Sample{"chat": {CPU: 6}}},
		{At: 9, Phase: "settle", Connections: 8, Sent: 2, Delivered: 12, Failures: 1, Latency: meter.Quantiles{Count: 12, P99: 3}, LateMs: 8, Usage: map[string]usage.Sample{"chat": {CPU: 8}}},
	}
	if !reflect.DeepEqual(thin.Seconds, want) || len(r.Seconds) != 9 {
		t.Errorf("%+v\nwant %+v", thin.Seconds, want)
	}
	if all := r.Thin(9); !reflect.DeepEqual(all.Seconds, r.Seconds) {
		t.Errorf("few enough, and yet %+v", all.Seconds)
	}
}

func TestNumber_isShort(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 1: "1", 0.125: "0.125", 1234: "1234", 12000: "12 k", 1.5e6: "1.5 M", 99.96: "100", 0.00012: "0.0001"} {
		if got := number(v); got != want {
			t.Errorf("number(%g) = %q, want %q", v, got, want)
		}
	}
}

func TestCommit_isWhatSomebodySays(t *testing.T) {
	if got := Commit(func(name string) string { return map[string]string{"COMMIT": "c0ffee"}[name] }); got != "c0ffee" {
		t.Error(got)
	}
	if got := Commit(func(string) string { return "" }); got == "" {
		t.Error("nothing is said")
	}
}
