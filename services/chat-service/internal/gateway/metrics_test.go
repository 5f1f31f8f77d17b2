package gateway

import (
	"errors"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/sixseat/sixseat/pkg/fault"
)

// Whatever ends a session has its counter: one that is missing would end the process.
func TestCounters_haveEveryKindAndCode(t *testing.T) {
	c := newCounters()
	for _, k := range fault.Kinds() {
		c.byKind[k].Inc()
		c.ended(k.CloseCode(), nil)
	}
	for _, code := range fault.CloseCodes {
		c.ended(code.Code, nil)
	}
	c.ended(1000, nil)
	c.ended(0, errors.New("reset"))
	if n := testutil.CollectAndCount(c.refused); n != len(fault.Kinds()) {
		t.Errorf("%d kinds are counted, want %d", n, len(fault.Kinds()))
	}
	if n, want := testutil.CollectAndCount(c.closed), len(fault.CloseCodes)+3; n != want {
		t.Errorf("%d ends are counted, want %d", n, want)
	}
}
