package service

import (
	"net"
	"net/http"
	"testing"
	"time"
)

func TestShutdown_doesNotWaitForConnectionsThatWereNeverUsed(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	accepted := make(chan struct{}, 1)
	srv := &http.Server{Handler: http.NotFoundHandler()}
	srv.ConnState = func(net.Conn, http.ConnState) { accepted <- struct{}{} } // who watches already goes on doing so
	CloseUnused(srv)
	served := make(chan error, 1)
	go func() { served <- srv.Serve(l) }()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	<-accepted

	// With time without end Shutdown returns only because nothing holds it up: net/http
	// itself would keep an unused connection until it is five seconds old.
	done := make(chan error, 1)
	go func() { done <- srv.Shutdown(t.Context()) }()
	if _, err := conn.Read(make([]byte, 1)); err == nil {
		t.Error("the connection got an answer")
	}

	if err := <-done; err != nil {
		t.Error(err)
	}
	if err := <-served; err != http.ErrServerClosed {
		t.Error(err)
	}
}

func TestShutdown_cutsWhatDoesNotEnd(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	begun := make(chan struct{})
	srv := &http.Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(begun)
		<-r.Context().Done() // until the connection is cut
	})}
	go func() { _ = srv.Serve(l) }() // its error is ErrServerClosed, seen in the other test
	go func() { _, _ = http.Get("http://" + l.Addr().String()) }()
	<-begun

	if err := Shutdown(srv, time.Millisecond); err != nil {
		t.Error(err)
	}
}
