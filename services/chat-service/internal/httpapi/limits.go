package httpapi

// maxBody is the longest request body in octets: a ticket with six nicknames of 20
// characters is below 4 KiB.
const maxBody = 16 << 10
