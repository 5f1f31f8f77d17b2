// Package browser has tests alone: the page at /match/ in headless Chromium, against the
// services' own binaries behind the load balancer. They find what they touch as people and
// screen readers do, by role and name. Whatever a page throws, logs as an error or has
// refused by its policy fails the test.
//
//	go test -tags integration ./infra/onebox/browser
//	go test -tags integration ./infra/onebox/browser -run Journey -v
package browser
