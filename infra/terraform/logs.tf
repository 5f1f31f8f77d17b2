# Every log has an end and a key. A log group that AWS makes by itself has no key, so
# they are made here, before what writes to them. One is left: RDSOSMetrics, which RDS
# makes once for the whole account and keeps for a month.

locals {
  log_groups = {
    chat     = "/${local.name}/chat"
    match    = "/${local.name}/match"
    flow     = "/${local.name}/flow"
    cache    = "/${local.name}/cache"
    firewall = "aws-waf-logs-${local.name}" # the firewall wants this beginning

    insights = "/aws/ecs/containerinsights/${local.name}/performance" # ECS's own name
  }
}

resource "aws_cloudwatch_log_group" "main" {
  for_each          = local.log_groups
  name              = each.value
  retention_in_days = var.log_days
  kms_key_id        = aws_kms_key.main["logs"].arn
}

# RDS writes to a name of its own choice.
resource "aws_cloudwatch_log_group" "database" {
  for_each          = local.databases
  name              = "/aws/rds/instance/${local.name}-${each.key}/postgresql"
  retention_in_days = var.log_days
  kms_key_id        = aws_kms_key.main["logs"].arn
}

# Lines of level ERROR: what a service could not put right by itself.
resource "aws_cloudwatch_log_metric_filter" "errors" {
  for_each       = local.services
  name           = "${local.name}-${each.key}-errors"
  log_group_name = aws_cloudwatch_log_group.main[each.key].name
  pattern        = "{ $.level = \"ERROR\" }"

  metric_transformation {
    namespace     = local.metrics
    name          = "${each.key}-errors"
    value         = "1"
    default_value = "0"
  }
}

# A secret that a task cannot read, or that says nonsense; while it lasts the task says it
# again and again.
resource "aws_cloudwatch_log_metric_filter" "secrets" {
  for_each       = local.services
  name           = "${local.name}-${each.key}-secrets"
  log_group_name = aws_cloudwatch_log_group.main[each.key].name
  pattern        = "{ $.msg = \"a secret cannot be used\" }"

  metric_transformation {
    namespace     = local.metrics
    name          = "${each.key}-secrets"
    value         = "1"
    default_value = "0"
  }
}

# Old messages of a room that are not in the bucket, or not what was written there; while it
# is only away, the same is a warning.
resource "aws_cloudwatch_log_metric_filter" "transcripts" {
  name           = "${local.name}-chat-transcripts"
  log_group_name = aws_cloudwatch_log_group.main["chat"].name
  pattern        = "{ $.level = \"ERROR\" && $.msg = \"archive not read\" }"

  metric_transformation {
    namespace     = local.metrics
    name          = "chat-transcripts"
    value         = "1"
    default_value = "0"
  }
}

# Each chat task logs its open sockets once a minute; the average over all lines of a
# minute is the average per task, which is what it is scaled by.
resource "aws_cloudwatch_log_metric_filter" "sockets" {
  name           = "${local.name}-chat-sockets"
  log_group_name = aws_cloudwatch_log_group.main["chat"].name
  pattern        = "{ $.msg = \"load\" }"

  metric_transformation {
    namespace = local.metrics
    name      = "chat-sockets"
    value     = "$.sockets"
  }
}

locals {
  metrics = "Sixseat/${var.environment}" # namespace of our own metrics
}
