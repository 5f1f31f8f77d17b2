package match

import (
	"math"
	"time"
)

// Arrivals is what is remembered of how members come to wait for a film: a weight that
// grows by one with each and fades by e in RateMemory.
type Arrivals struct {
	Weight      float64 // as of Last
	Since, Last time.Time
	Count       int // since Since
}

// rate is the arrivals per second, measured between the first one and now. The first one
// began the measurement, so it does not count; what it adds to the weight is taken off.
// The rest is divided by what a steady arrival per second would have added up to.
func (a Arrivals) rate(now time.Time) (perSecond float64, known bool) {
	memory, measured := RateMemory.Seconds(), now.Sub(a.Since).Seconds()
	if a.Count < minArrivals || measured <= 0 {
		return 0, false
	}
	faded := math.Exp(-measured / memory)
	weight := a.Weight*math.Exp(-now.Sub(a.Last).Seconds()/memory) - faded
	steady := memory * (1 - faded)
	return weight / steady, weight > 0
}

// ETASeconds predicts when as many more members will have come, rounded so that it does
// not pretend to be exact; nil when too little is known or it would be too long.
func (a Arrivals) ETASeconds(missing int, now time.Time) *int {
	perSecond, known := a.rate(now)
	if !known || missing <= 0 {
		return nil
	}
	eta := float64(missing) / perSecond
	if eta > maxETA.Seconds() {
		return nil
	}
	step := 60.0
	switch {
	case eta < 60:
		step = 5
	case eta < 300:
		step = 15
	}
	rounded := int(max(step, math.Round(eta/step)*step))
	return &rounded
}
