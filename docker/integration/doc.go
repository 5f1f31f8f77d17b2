// Package integration tests the system as it is deployed: the containers of
// docker/compose.yaml behind the load balancer, with members who chat and wait while
// containers are killed, hang, are cut off and replaced. It knows what clients know (pkg),
// and Docker. `make e2e` builds the images and runs it.
package integration
