variable "vpc_id" {
  description = "The VPC that holds the load balancer and the services."
  type        = string
}

variable "public_subnet_ids" {
  description = "Public subnets of at least two zones; the load balancer has an address in each."
  type        = list(string)

  validation {
    condition     = length(var.public_subnet_ids) >= 2
    error_message = "An application load balancer needs subnets in at least two zones."
  }
}

variable "load_balancer_security_group_id" {
  description = "Lets the internet reach ports 80 and 443 of the load balancer."
  type        = string
}

variable "certificate_arn" {
  description = "ACM certificate of the site's host name."
  type        = string
}
