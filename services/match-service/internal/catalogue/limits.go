package catalogue

const (
	// maxPage and defaultPage are the contract's sizes of a page.
	maxPage     = 100
	defaultPage = 20

	// maxSearch is the longest search or genre, in code points: the longest title has 54.
	maxSearch = 100

	// minYear is the first year that can be asked for: there were no films before.
	minYear = 1800

	// maxCursorBytes is the longest cursor looked at; ours stay below 300.
	maxCursorBytes = 1024

	// maxIDBytes is the longest film id looked at; ours stay below 70.
	maxIDBytes = 120

	// maxTitles bounds the titles remembered by a node: several times the catalogue.
	maxTitles = 10_000
)
