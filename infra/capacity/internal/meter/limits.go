package meter

import "time"

const (
	// lowest and highest are what a histogram can tell apart: a microsecond, and longer than
	// any wait here. What takes longer counts as the highest.
	lowest, highest = time.Microsecond, 10 * time.Minute

	// digits is how exact a histogram is: 3 is 0.1 %.
	digits = 3

	// failuresKept is how many kinds of failures are told apart; more kinds are one.
	failuresKept = 50
)
