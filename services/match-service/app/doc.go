// Package app puts match-service together: New wires the parts, Run serves until it is
// told to stop, Close undoes what New did. It is the only package that knows all others,
// and all who start the service go through it: main, the one-process system and tests.
package app
