package batch

// free is how many queries are ahead of the pace before it holds them up: somebody who reads
// page after page is no storm.
const free = 8
