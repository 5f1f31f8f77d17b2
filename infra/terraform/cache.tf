# The queue, the bus between nodes and presence. All of it can be made again from
# PostgreSQL, so it has replicas for speed of recovery and no snapshots.

locals {
  # What each service may touch, by the beginnings of its keys and channels.
  cache_users = {
    chat  = "~chat:* ~sixseat:* &sixseat:*"
    match = "~match:* ~{match}* ~sixseat:entries &{match}*"
  }

  cache_commands = "-@all +@read +@write +@pubsub +@scripting +@transaction +@connection -@dangerous"
}

resource "aws_elasticache_subnet_group" "main" {
  name       = local.name
  subnet_ids = [for s in aws_subnet.data : s.id]
}

resource "aws_elasticache_parameter_group" "main" {
  name   = "${local.name}-valkey8"
  family = "valkey8"

  # When memory ends a write must fail where it is seen, and no waiting member may be
  # dropped in silence.
  parameter {
    name  = "maxmemory-policy"
    value = "noeviction"
  }
}

resource "aws_elasticache_user" "service" {
  for_each      = local.cache_users
  user_id       = "${local.name}-${each.key}"
  user_name     = each.key
  engine        = "valkey"
  access_string = "on ${each.value} ${local.cache_commands}"

  passwords_wo         = local.cache_passwords[each.key]
  passwords_wo_version = var.secrets_version
}

# Whoever gives no name is this user, who may nothing; its password opens nothing.
resource "aws_elasticache_user" "default" {
  user_id       = "${local.name}-default"
  user_name     = "default"
  engine        = "valkey"
  access_string = "off -@all"

  passwords_wo         = local.cache_passwords.chat
  passwords_wo_version = var.secrets_version
}

resource "aws_elasticache_user_group" "main" {
  user_group_id = local.name
  engine        = "valkey"
  user_ids      = concat([aws_elasticache_user.default.user_id], [for u in aws_elasticache_user.service : u.user_id])
}

resource "aws_elasticache_replication_group" "main" {
  replication_group_id = local.name
  description          = "Sixseat: queue, bus, presence"

  engine               = "valkey"
  engine_version       = "8.1"
  parameter_group_name = aws_elasticache_parameter_group.main.name
  node_type            = var.cache.node_type
  port                 = 6379

  # One shard: the services speak to one primary. Cluster mode comes with more nodes.
  cluster_mode               = "disabled"
  num_cache_clusters         = 1 + var.cache.replicas
  automatic_failover_enabled = var.cache.replicas > 0
  multi_az_enabled           = var.cache.replicas > 0

  subnet_group_name  = aws_elasticache_subnet_group.main.name
  security_group_ids = [aws_security_group.main["cache"].id]
  user_group_ids     = [aws_elasticache_user_group.main.user_group_id]

  transit_encryption_enabled = true
  transit_encryption_mode    = "required"
  at_rest_encryption_enabled = true
  kms_key_id                 = aws_kms_key.main["data"].arn

  snapshot_retention_limit   = 0
  maintenance_window         = "sun:04:30-sun:05:30"
  auto_minor_version_upgrade = true
  apply_immediately          = false

  log_delivery_configuration {
    log_type         = "slow-log"
    log_format       = "json"
    destination_type = "cloudwatch-logs"
    destination      = aws_cloudwatch_log_group.main["cache"].name
  }
}
