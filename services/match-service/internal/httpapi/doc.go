// Package httpapi is match-service's HTTP face: the routes of the contract, all in
// routes.go, and the event streams. It reads requests, asks match and catalogue, and
// writes answers; it decides nothing about queues. gin is known here and nowhere else.
package httpapi
