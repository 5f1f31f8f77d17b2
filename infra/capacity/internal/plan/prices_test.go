package plan

import (
	"os"
	"strconv"
	"strings"
	"testing"
)

func TestReadPrices_namesTheFieldThatIsWrong(t *testing.T) {
	text, err := os.ReadFile("../../prices.yaml")
	if err != nil {
		t.Fatal(err)
	}
	lcu := `alb.lcu:  { usd: 0.008, unit: LCU-hour, region: us-east-1, source: "https://aws.amazon.com/elasticloadbalancing/pricing/", date: 2026-11-28 }`
	line := strconv.Itoa(1 + strings.Count(string(text)[:strings.Index(string(text), lcu)], "\n"))
	for _, c := range []struct{ to, says string }{
		{"", "alb.lcu is missing"},
		{strings.Replace(lcu, "0.008", "0", 1), "line " + line + ": alb.lcu.usd must be a number from"},
		{strings.Replace(lcu, "0.008", ".nan", 1), "alb.lcu.usd"},
		{strings.Replace(lcu, "0.008", "free", 1), "alb.lcu.usd"},
		{strings.Replace(lcu, "usd: 0.008, ", "", 1), "alb.lcu.usd is missing"},
		{strings.Replace(lcu, "LCU-hour", "hour", 1), "alb.lcu.unit must be LCU-hour"},
		{strings.Replace(lcu, "us-east-1", "eu-west-1", 1), "alb.lcu.region must be us-east-1"},
		{strings.Replace(lcu, "2026-11-28", "today", 1), "alb.lcu.date must be a date"},
		{strings.Replace(lcu, "unit:", "per:", 1), "alb.lcu.per is no field"},
		{lcu + "\nalb.lcu2: 3", "alb.lcu2 is no field"},
	} {
		_, err := ReadPrices(strings.NewReader(strings.Replace(string(text), lcu, c.to, 1)))
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q: %v, want %q", c.to, err, c.says)
		}
	}
}
