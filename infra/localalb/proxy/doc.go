// Package proxy serves one listener of a rules.Config the way an AWS
// Application Load Balancer does: it routes by the rules, forwards to healthy
// targets, adds ALB's headers, answers ALB's errors and cuts what has been
// idle for too long. HTTP itself is net/http and net/http/httputil.
//
// It is called by the localalb command and, in the same process as the
// services, by infra/onebox. It serves plaintext HTTP/1.1 only; what differs
// from ALB because of that is listed in ../README.md.
package proxy
