// Package rules reads the load balancer part of a folder of Terraform files
// (aws_lb, aws_lb_listener, aws_lb_listener_rule, aws_lb_target_group) and
// decides, for one request, which rule an AWS Application Load Balancer would
// choose.
//
// It knows nothing of sockets or targets; package proxy does the forwarding.
// What it cannot evaluate, what AWS would refuse and what package proxy does
// not do yet is a Problem with file and line, never silently skipped: a rule
// that works here must mean the same on AWS.
//
// Rules are cited as in the AWS documentation: "user guide" is the ELB User
// Guide for Application Load Balancers, "API" the ELBv2 API reference,
// "provider" the hashicorp/aws Terraform provider.
package rules
