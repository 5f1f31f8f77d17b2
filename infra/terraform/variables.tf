# What differs between environments: small.tfvars and production.tfvars set the
# sizes; who and where is given beside them (see ../README.md).

variable "environment" {
  description = "Name of this installation; part of all names."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,11}$", var.environment))
    error_message = "environment must be 2 to 12 lower-case letters and digits: names of target groups end at 32 characters."
  }
}

variable "region" {
  description = "AWS region of everything."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must look like eu-central-1."
  }
}

variable "domain_name" {
  description = "Host name of the site, such as sixseat.example.com."
  type        = string

  validation {
    condition     = can(regex("^([a-z0-9-]+\\.)+[a-z]{2,}$", var.domain_name))
    error_message = "domain_name must be a host name in lower case, without scheme and path."
  }
}

variable "hosted_zone_id" {
  description = "Route 53 zone that domain_name lies in."
  type        = string

  validation {
    condition     = can(regex("^Z[A-Z0-9]+$", var.hosted_zone_id))
    error_message = "hosted_zone_id must be a Route 53 zone id, such as Z0123456789ABC."
  }
}

variable "github_repository" {
  description = "The repository whose workflows may deploy, as GitHub's OIDC tokens call it: owner@id/name@id for one made, renamed or moved since July 2026, else owner/name."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$", var.github_repository)) || can(regex("^[A-Za-z0-9-]+@[0-9]+/[A-Za-z0-9._-]+@[0-9]+$", var.github_repository))
    error_message = "github_repository must be owner@id/name@id, or owner/name for a repository of before July 2026."
  }
}

variable "github_oidc_provider_arn" {
  description = "The account's OIDC provider for GitHub, where it has one already, such as from another environment; empty: it is made here."
  type        = string
  default     = ""

  validation {
    condition     = var.github_oidc_provider_arn == "" || can(regex("^arn:[a-z-]+:iam::[0-9]{12}:oidc-provider/token\\.actions\\.githubusercontent\\.com$", var.github_oidc_provider_arn))
    error_message = "github_oidc_provider_arn must be the ARN of the account's provider token.actions.githubusercontent.com."
  }
}

variable "alarm_email" {
  description = "Who gets the alarms."
  type        = string

  validation {
    condition     = can(regex("^[^@ ]+@[^@ ]+$", var.alarm_email))
    error_message = "alarm_email must be one mail address."
  }
}

variable "vpc_cidr" {
  description = "Addresses of the network, a /16: each subnet is a /20 of it."
  type        = string
  default     = "10.60.0.0/16"

  validation {
    condition     = can(cidrhost(var.vpc_cidr, 0)) && endswith(var.vpc_cidr, "/16")
    error_message = "vpc_cidr must be an IPv4 /16, such as 10.60.0.0/16."
  }
}

variable "zones" {
  description = "How many availability zones carry the stack."
  type        = number

  validation {
    condition     = contains([2, 3], var.zones)
    error_message = "zones must be 2 or 3: the load balancer and the database want two, and more than three give nothing."
  }
}

variable "images" {
  description = "First image of each service, by digest; later ones come with deploys and are not Terraform's. Empty only while there is nothing but the repositories to push them to."
  type        = object({ chat = string, match = string })
  default     = { chat = "", match = "" }

  validation {
    condition     = alltrue([for image in values(var.images) : image == "" || can(regex("^[^@]+@sha256:[0-9a-f]{64}$", image))])
    error_message = "images must be given by digest, as repository@sha256:…: a tag may mean something else tomorrow."
  }
}

locals {
  # Fargate's sizes of up to 4 CPUs: CPU units to MiB (ECS developer guide, task size).
  fargate = {
    256  = [512, 1024, 2048]
    512  = range(1024, 4097, 1024)
    1024 = range(2048, 8193, 1024)
    2048 = range(4096, 16385, 1024)
    4096 = range(8192, 30721, 1024)
  }
}

variable "chat" {
  description = "Size of chat-service: a task's CPU units and MiB, fewest and most tasks, sockets a task may hold, and how far above the wanted number a deploy may go, in percent."
  type = object({
    cpu            = number
    memory         = number
    min            = number
    max            = number
    sockets        = number
    deploy_percent = number
  })

  validation {
    condition     = contains(try(local.fargate[tostring(var.chat.cpu)], []), var.chat.memory)
    error_message = "chat.cpu and chat.memory must be a pair that Fargate has, such as 512 and 1024."
  }
  validation {
    condition     = 1 <= var.chat.min && var.chat.min <= var.chat.max
    error_message = "chat.min must be at least 1 and at most chat.max."
  }
  validation {
    # 64 KB a socket: session, subscriptions, outbox and the kernel's buffers, as make measure
    # has them under load, and a little more.
    condition     = var.chat.sockets >= 100 && var.chat.sockets * 64 / 1024 <= var.chat.memory * 0.8
    error_message = "chat.sockets must be at least 100, and at 64 KB each fit into 80 % of chat.memory."
  }
  validation {
    condition     = var.chat.deploy_percent <= 200 && floor(var.chat.min * var.chat.deploy_percent / 100) > var.chat.min
    error_message = "chat.deploy_percent must be at most 200, for which the databases have connections, and leave room for one more task than chat.min, else a deploy could not begin (ECS rounds down)."
  }
}

variable "match" {
  description = "Size of match-service: a task's CPU units and MiB, fewest and most tasks, requests per minute a task should get, and how far above the wanted number a deploy may go, in percent."
  type = object({
    cpu            = number
    memory         = number
    min            = number
    max            = number
    requests       = number
    deploy_percent = number
  })

  validation {
    condition     = contains(try(local.fargate[tostring(var.match.cpu)], []), var.match.memory)
    error_message = "match.cpu and match.memory must be a pair that Fargate has, such as 512 and 1024."
  }
  validation {
    condition     = 1 <= var.match.min && var.match.min <= var.match.max
    error_message = "match.min must be at least 1 and at most match.max."
  }
  validation {
    condition     = var.match.requests >= 1
    error_message = "match.requests must be at least 1 a minute."
  }
  validation {
    condition     = var.match.deploy_percent <= 200 && floor(var.match.min * var.match.deploy_percent / 100) > var.match.min
    error_message = "match.deploy_percent must be at most 200, for which the databases have connections, and leave room for one more task than match.min, else a deploy could not begin (ECS rounds down)."
  }
}

variable "database" {
  description = "Size of each service's PostgreSQL: class, GB at first and at most, a standby in another zone, days of backups, connections."
  type = object({
    class           = string
    storage         = number
    max_storage     = number
    multi_az        = bool
    backup_days     = number
    max_connections = number
  })

  validation {
    condition     = startswith(var.database.class, "db.")
    error_message = "database.class must be an RDS class, such as db.t4g.small."
  }
  validation {
    condition     = 20 <= var.database.storage && var.database.storage * 1.1 <= var.database.max_storage
    error_message = "database.storage must be at least 20 GB, and max_storage a tenth above it, so that it can grow."
  }
  validation {
    condition     = 7 <= var.database.backup_days && var.database.backup_days <= 35
    error_message = "database.backup_days must be 7 to 35."
  }
}

variable "database_auth" {
  description = "How the services sign in to their databases: with the password that RDS keeps in Secrets Manager, or with tokens of IAM, which the databases must be told first (see ../README.md)."
  type        = string
  default     = "password"

  validation {
    condition     = contains(["password", "iam"], var.database_auth)
    error_message = "database_auth must be password or iam."
  }
}

variable "cache" {
  description = "Size of the Valkey: node type, and replicas that take over when the primary fails."
  type        = object({ node_type = string, replicas = number })

  validation {
    condition     = startswith(var.cache.node_type, "cache.")
    error_message = "cache.node_type must be an ElastiCache type, such as cache.t4g.small."
  }
  validation {
    condition     = 0 <= var.cache.replicas && var.cache.replicas <= 5
    error_message = "cache.replicas must be 0 to 5."
  }
}

variable "protected" {
  description = "Load balancer and databases cannot be deleted, and a deleted database leaves a snapshot."
  type        = bool
  default     = true
}

variable "log_days" {
  description = "How long logs are kept."
  type        = number

  validation {
    condition     = contains([7, 14, 30, 60, 90, 180, 365], var.log_days)
    error_message = "log_days must be 7, 14, 30, 60, 90, 180 or 365: CloudWatch takes no others of our range."
  }
}

variable "archive_after_days" {
  description = "Days without a message after which a room's messages go from the database into the bucket; 0: never."
  type        = number
  default     = 30

  validation {
    condition     = 0 <= var.archive_after_days && var.archive_after_days <= 3650 && floor(var.archive_after_days) == var.archive_after_days
    error_message = "archive_after_days must be a whole number from 0, for never, to 3650."
  }
}

variable "requests_per_address" {
  description = "Requests in five minutes after which the firewall turns an address away."
  type        = number
  default     = 3000

  validation {
    condition     = 100 <= var.requests_per_address && var.requests_per_address <= 2000000
    error_message = "requests_per_address must be 100 to 2,000,000: the firewall takes no others of our range."
  }
}

variable "verify_keys" {
  description = "match-service's public keys as a JWKS document, so that a new chat task can let people in while match-service is down; empty: it asks match-service."
  type        = string
  default     = ""

  validation {
    condition     = var.verify_keys == "" || can(jsondecode(var.verify_keys).keys[0].kid)
    error_message = "verify_keys must be a JWKS document with at least one key."
  }
}

variable "secrets_version" {
  description = "Raise it to have fresh_secrets written; it stands for all of them."
  type        = number
  default     = 1

  validation {
    condition     = var.secrets_version >= 1 && floor(var.secrets_version) == var.secrets_version
    error_message = "secrets_version must be a whole number, 1 at first."
  }
}

variable "fresh_secrets" {
  description = "What nobody but the services may know: match-service's signing keys (base64url, comma list, the signing one first) and the services' passwords for the cache. Given in the environment at the first apply and whenever secrets_version rises; neither plan nor state keeps it."
  type        = object({ signing_keys = string, chat_cache = string, match_cache = string })
  default     = null
  sensitive   = true
  ephemeral   = true

  validation {
    condition     = var.fresh_secrets == null || can(regex("^[A-Za-z0-9_-]{43}(,[A-Za-z0-9_-]{43})*$", var.fresh_secrets.signing_keys))
    error_message = "fresh_secrets.signing_keys must be the base64url of 32 random octets, 43 characters, or several of them with commas."
  }
  validation {
    condition     = var.fresh_secrets == null || alltrue([for p in [var.fresh_secrets.chat_cache, var.fresh_secrets.match_cache] : can(regex("^[A-Za-z0-9]{32,128}$", p))])
    error_message = "fresh_secrets.chat_cache and match_cache must be 32 to 128 letters and digits: they stand in a URL."
  }
}
