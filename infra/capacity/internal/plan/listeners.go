package plan

import (
	"math"

	"github.com/sixseat/sixseat/infra/capacity/internal/pattern"
)

// listeners is to how many a message of somebody of this kind goes, on the average: to
// whoever of the six has not left yet, the author included. All come at the same time; each
// stays for a sum of times, which is taken to be normally distributed.
func listeners(p pattern.Pattern, k pattern.Kind) float64 {
	if k.Chat.Messages == 0 {
		return 0
	}
	var all, there float64
	for _, o := range p.Kinds {
		all += o.Share
	}
	theirMean, theirs := pattern.Mean(k.Chat.Think).Seconds(), pattern.Variance(k.Chat.Think)
	for _, o := range p.Kinds {
		n := float64(o.Chat.Messages + 1)
		stays, varies := n*pattern.Mean(o.Chat.Think).Seconds(), n*pattern.Variance(o.Chat.Think)
		for j := 1; j <= k.Chat.Messages; j++ {
			at := float64(j)
			// The chance that o's leaving comes after k's j-th message.
			z := (stays - at*theirMean) / math.Sqrt(varies+at*theirs)
			there += o.Share / all * (1 + math.Erf(z/math.Sqrt2)) / 2 / float64(k.Chat.Messages)
		}
	}
	return 1 + (seats-1)*there
}
