module github.com/sixseat/sixseat/docker/integration

go 1.26.0

require (
	github.com/sixseat/sixseat/pkg v0.0.0
	golang.org/x/sync v0.24.0
)

require nhooyr.io/websocket v1.8.17 // indirect

replace github.com/sixseat/sixseat/pkg => ../../pkg
