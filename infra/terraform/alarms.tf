# What somebody must look at. Each alarm has a line in the runbook of ../README.md
# under its own name, and a test compares.

resource "aws_sns_topic" "alarms" {
  name              = "${local.name}-alarms"
  kms_master_key_id = aws_kms_key.main["logs"].arn
}

resource "aws_sns_topic_subscription" "mail" {
  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "email"
  endpoint  = var.alarm_email
}

locals {
  load_balancer = { LoadBalancer = aws_lb.main.arn_suffix }
  targets = {
    chat  = merge(local.load_balancer, { TargetGroup = aws_lb_target_group.chat.arn_suffix })
    match = merge(local.load_balancer, { TargetGroup = aws_lb_target_group.match.arn_suffix })
  }
  # By name and not by reference: the services wait for their alarms.
  tasks = { for service in local.services : service => { ClusterName = local.name, ServiceName = service } }

  # period in seconds, points: so many periods in a row. What has no data is fine,
  # unless missing says otherwise. Dimensions are a list where the worst of several counts.
  alarms = merge(
    {
      "load-balancer-5xx"     = { namespace = "AWS/ApplicationELB", metric = "HTTPCode_ELB_5XX_Count", stat = "Sum", above = 20, period = 60, points = 3, dimensions = local.load_balancer }
      "load-balancer-rejects" = { namespace = "AWS/ApplicationELB", metric = "RejectedConnectionCount", stat = "Sum", above = 0, period = 60, points = 1, dimensions = local.load_balancer }
      "cache-memory"          = { namespace = "AWS/ElastiCache", metric = "DatabaseMemoryUsagePercentage", stat = "Maximum", above = 75, period = 300, points = 1, dimensions = local.cache_nodes }
      "cache-cpu"             = { namespace = "AWS/ElastiCache", metric = "EngineCPUUtilization", stat = "Average", above = 75, period = 300, points = 2, dimensions = local.cache_nodes }
      "firewall-blocks"       = { namespace = "AWS/WAFV2", metric = "BlockedRequests", stat = "Sum", above = 5000, period = 300, points = 1, dimensions = { WebACL = local.name, Region = var.region, Rule = "ALL" } }
      "chat-sockets"          = { namespace = local.metrics, metric = "chat-sockets", stat = "Maximum", above = floor(var.chat.sockets * 0.9), period = 60, points = 3, dimensions = {} }
      "chat-transcripts"      = { namespace = local.metrics, metric = "chat-transcripts", stat = "Sum", above = 0, period = 300, points = 1, dimensions = {} }
      "chat-sockets-missing"  = { namespace = local.metrics, metric = "chat-sockets", stat = "SampleCount", below = 1, period = 300, points = 2, dimensions = {}, missing = "breaching" }
    },
    merge([for s in local.services : {
      "${s}-5xx"         = { namespace = "AWS/ApplicationELB", metric = "HTTPCode_Target_5XX_Count", stat = "Sum", above = 20, period = 60, points = 3, dimensions = local.targets[s] }
      "${s}-unhealthy"   = { namespace = "AWS/ApplicationELB", metric = "UnHealthyHostCount", stat = "Minimum", above = 0, period = 60, points = 2, dimensions = local.targets[s] }
      "${s}-fail-open"   = { namespace = "AWS/ApplicationELB", metric = "UnhealthyRoutingRequestCount", stat = "Sum", above = 0, period = 60, points = 1, dimensions = local.targets[s] }
      "${s}-slow"        = { namespace = "AWS/ApplicationELB", metric = "TargetResponseTime", stat = "p95", above = 1, period = 60, points = 5, dimensions = local.targets[s] }
      "${s}-cpu"         = { namespace = "AWS/ECS", metric = "CPUUtilization", stat = "Average", above = 85, period = 60, points = 10, dimensions = local.tasks[s] }
      "${s}-memory"      = { namespace = "AWS/ECS", metric = "MemoryUtilization", stat = "Maximum", above = 85, period = 60, points = 3, dimensions = local.tasks[s] }
      "${s}-too-few"     = { namespace = "ECS/ContainerInsights", metric = "RunningTaskCount", stat = "Minimum", below = { chat = var.chat.min, match = var.match.min }[s], period = 60, points = 3, dimensions = local.tasks[s], missing = "breaching" }
      "${s}-errors"      = { namespace = local.metrics, metric = "${s}-errors", stat = "Sum", above = 10, period = 300, points = 1, dimensions = {} }
      "${s}-secrets"     = { namespace = local.metrics, metric = "${s}-secrets", stat = "Sum", above = 0, period = local.secret_said_every + 300, points = 1, dimensions = {} }
      "${s}-db-cpu"      = { namespace = "AWS/RDS", metric = "CPUUtilization", stat = "Average", above = 80, period = 300, points = 2, dimensions = { DBInstanceIdentifier = "${local.name}-${s}" } }
      "${s}-db-storage"  = { namespace = "AWS/RDS", metric = "FreeStorageSpace", stat = "Minimum", below = 5 * 1024 * 1024 * 1024, period = 300, points = 1, dimensions = { DBInstanceIdentifier = "${local.name}-${s}" } }
      "${s}-db-sessions" = { namespace = "AWS/RDS", metric = "DatabaseConnections", stat = "Maximum", above = floor(var.database.max_connections * 0.8), period = 60, points = 3, dimensions = { DBInstanceIdentifier = "${local.name}-${s}" } }
    }]...),
  )

  secret_said_every = 600 # pkg/awssecrets/limits.go sayEvery

  # Any of them is the primary after a fail-over.
  cache_nodes = [for i in range(1 + var.cache.replicas) : { CacheClusterId = "${local.name}-${format("%03d", i + 1)}", CacheNodeId = "0001" }]

  # What undoes a deployment: it shows within minutes and has few other causes.
  rollback_alarms = { for s in local.services : s => ["${s}-5xx", "${s}-unhealthy"] }
}

resource "aws_cloudwatch_metric_alarm" "main" {
  for_each          = { for name, a in local.alarms : name => merge(a, { of = flatten([a.dimensions]) }) }
  alarm_name        = "${local.name}-${each.key}"
  alarm_description = "See ${each.key} in the runbook, infra/README.md"

  # Either one metric by itself, or an expression over several.
  namespace          = length(each.value.of) > 1 ? null : each.value.namespace
  metric_name        = length(each.value.of) > 1 ? null : each.value.metric
  dimensions         = length(each.value.of) > 1 ? null : each.value.of[0]
  statistic          = length(each.value.of) > 1 || startswith(each.value.stat, "p") ? null : each.value.stat
  extended_statistic = startswith(each.value.stat, "p") ? each.value.stat : null
  period             = length(each.value.of) > 1 ? null : each.value.period

  dynamic "metric_query" {
    for_each = length(each.value.of) > 1 ? each.value.of : []

    content {
      id = "m${metric_query.key + 1}"

      metric {
        namespace   = each.value.namespace
        metric_name = each.value.metric
        dimensions  = metric_query.value
        stat        = each.value.stat
        period      = each.value.period
      }
    }
  }

  dynamic "metric_query" {
    for_each = length(each.value.of) > 1 ? ["MAX(METRICS())"] : []

    content {
      id          = "worst"
      label       = "${each.value.metric}, the worst"
      expression  = metric_query.value
      return_data = true
    }
  }

  evaluation_periods  = each.value.points
  comparison_operator = can(each.value.above) ? "GreaterThanThreshold" : "LessThanThreshold"
  threshold           = try(each.value.above, each.value.below)
  treat_missing_data  = try(each.value.missing, "notBreaching")

  alarm_actions = [aws_sns_topic.alarms.arn]
  ok_actions    = [aws_sns_topic.alarms.arn]
}
