package scene

import (
	"fmt"
	"math"

	"github.com/sixseat/sixseat/infra/capacity/internal/costs"
)

// fit is the slope of the straight line through the points (least squares).
func fit(x []float64, y []costs.Unit) (slope costs.Unit) {
	var mean, squares float64
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		squares += (v - mean) * (v - mean)
	}
	for i, v := range x {
		slope = slope.Plus(y[i], (v-mean)/squares)
	}
	return slope
}

// bent names processes whose use while nobody says anything does not lie on a line with the
// number of connections: more of it than a plan for more connections could rest on.
func bent(connected []float64, silence []costs.Unit, slope costs.Unit) (doubts []string) {
	var mean, most float64
	for _, n := range connected {
		mean, most = mean+n/float64(len(connected)), max(most, n)
	}
	for _, process := range []string{costs.Chat, costs.Postgres, costs.Redis} {
		var middle, off float64
		for _, y := range silence {
			middle += y.CPU(process) / float64(len(silence))
		}
		for i, y := range silence {
			off = max(off, math.Abs(y.CPU(process)-middle-slope.CPU(process)*(connected[i]-mean)))
		}
		if off > mostBent*math.Abs(slope.CPU(process))*most && off > leastBent {
			doubts = append(doubts, fmt.Sprintf("CPU of %s for a connection that says nothing: %.0f µs a second are off the line by up to %.0f", process, slope.CPU(process)*most, off))
		}
	}
	return doubts
}
