package judge

const (
	// examplesKept is how many findings are told in full: one cause has many of them.
	examplesKept = 20

	// maxMissing is how many skipped seqs of one listener are remembered, so that one that
	// comes late counts as disorder. Beyond, they count as lost at once.
	maxMissing = 1000

	// maxUnsaid is how many messages of a room may be there beyond what members said: an
	// ENTER and a LEAVE for each of the six, and for as many more who were given a seat
	// that somebody else never entered. A seq further out is no seq of this room.
	maxUnsaid = 64
)
