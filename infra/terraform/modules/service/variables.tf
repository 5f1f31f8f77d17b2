variable "name" {
  description = "What the service is called: its task family, service, container and roles."
  type        = string
}

variable "prefix" {
  description = "Begins the names of what must be unique in the account."
  type        = string
}

variable "cluster" {
  description = "Name and ARN of the ECS cluster."
  type        = object({ name = string, arn = string })
}

variable "image" {
  description = "First image; later ones come with deploys."
  type        = string
}

variable "repository_arn" {
  description = "The ECR repository its images come from."
  type        = string
}

variable "size" {
  description = "CPU units and MiB of a task, fewest and most tasks, and how far above the wanted number a deploy may go, in percent."
  type        = object({ cpu = number, memory = number, min = number, max = number, deploy_percent = number })
}

variable "environment" {
  description = "What the service reads from its environment and anybody may see."
  type        = map(string)
}

variable "secrets" {
  description = "What it reads from its environment and nobody may see: variable to Secrets Manager reference, ARN:key::."
  type        = map(string)
}

variable "secret_arns" {
  description = "The secrets that those references point into."
  type        = list(string)
}

variable "secrets_key_arn" {
  description = "The KMS key of those secrets."
  type        = string
}

variable "log_group" {
  description = "Name and ARN of its CloudWatch log group."
  type        = object({ name = string, arn = string })
}

variable "region" {
  description = "Where the log group is."
  type        = string
}

variable "network" {
  description = "Subnets and security group of its tasks."
  type        = object({ subnets = list(string), security_group = string })
}

variable "target_group_arn" {
  description = "The load balancer's target group that its tasks join."
  type        = string
}

variable "registry_arn" {
  description = "Service discovery entry that its tasks join; empty: none."
  type        = string
  default     = ""
}

variable "task_policy" {
  description = "IAM statements of what the running service may do; none: it may do nothing in AWS."
  type        = list(object({ Effect = string, Action = list(string), Resource = list(string) }))
  default     = []
}

variable "stop_timeout" {
  description = "Seconds between SIGTERM and SIGKILL."
  type        = number

  validation {
    condition     = 2 <= var.stop_timeout && var.stop_timeout <= 120
    error_message = "Fargate takes a stop_timeout of 2 to 120 seconds."
  }
}

variable "grace_period" {
  description = "Seconds after a task's start in which failed health checks do not count."
  type        = number
}

variable "rollback_alarms" {
  description = "Alarms that undo a deployment when they ring during it."
  type        = list(string)
}

variable "scaling" {
  description = "By what the number of tasks follows: a predefined metric, or one of our own by namespace and name (average per task). Cool-downs in seconds."
  type = map(object({
    target     = number
    scale_in   = number
    scale_out  = number
    predefined = optional(string)
    label      = optional(string)
    namespace  = optional(string)
    metric     = optional(string)
  }))

  validation {
    condition     = alltrue([for s in values(var.scaling) : (s.predefined == null) != (s.metric == null)])
    error_message = "Each scaling entry names either a predefined metric or one of our own."
  }
}
