# One page: what members feel on top, what it costs below.

locals {
  # title, statistic, and the lines: namespace, metric, dimensions in turn
  charts = [
    { title = "Requests", stat = "Sum", lines = [for s in local.services : ["AWS/ApplicationELB", "RequestCount", "TargetGroup", local.targets[s].TargetGroup, "LoadBalancer", local.targets[s].LoadBalancer]] },
    { title = "Answers of 5xx", stat = "Sum", lines = [for s in local.services : ["AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", "TargetGroup", local.targets[s].TargetGroup, "LoadBalancer", local.targets[s].LoadBalancer]] },
    { title = "Answer time, p95", stat = "p95", lines = [for s in local.services : ["AWS/ApplicationELB", "TargetResponseTime", "TargetGroup", local.targets[s].TargetGroup, "LoadBalancer", local.targets[s].LoadBalancer]] },
    { title = "Open sockets per chat task", stat = "Average", lines = [[local.metrics, "chat-sockets"]] },
    { title = "Tasks", stat = "Average", lines = [for s in local.services : ["ECS/ContainerInsights", "RunningTaskCount", "ClusterName", local.name, "ServiceName", s]] },
    { title = "Errors logged", stat = "Sum", lines = [for s in local.services : [local.metrics, "${s}-errors"]] },
    { title = "CPU of tasks", stat = "Average", lines = [for s in local.services : ["AWS/ECS", "CPUUtilization", "ClusterName", local.name, "ServiceName", s]] },
    { title = "CPU of databases", stat = "Average", lines = [for s in local.services : ["AWS/RDS", "CPUUtilization", "DBInstanceIdentifier", "${local.name}-${s}"]] },
    { title = "Cache: memory, CPU", stat = "Maximum", lines = concat([for m in ["DatabaseMemoryUsagePercentage", "EngineCPUUtilization"] : [for n in local.cache_nodes : ["AWS/ElastiCache", m, "CacheClusterId", n.CacheClusterId, "CacheNodeId", n.CacheNodeId]]]...) },
  ]
}

resource "aws_cloudwatch_dashboard" "main" {
  dashboard_name = local.name

  dashboard_body = jsonencode({
    widgets = [for i, chart in local.charts : {
      type   = "metric"
      x      = i % 3 * 8
      y      = floor(i / 3) * 6
      width  = 8
      height = 6
      properties = {
        title   = chart.title
        region  = var.region
        stat    = chart.stat
        period  = 60
        metrics = chart.lines
      }
    }]
  })
}
