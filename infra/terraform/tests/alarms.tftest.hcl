# What somebody is told, and what the page shows that they open then.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "alarms" {
  command = plan

  # Each alarm is in the runbook, and the runbook has no others.
  assert {
    condition = toset(keys(local.alarms)) == toset(flatten([
      for row in regexall("(?m)^\\| (`[a-z0-9-]+`(?:, `[a-z0-9-]+`)*) \\|", split("## Runbook", file("${path.module}/../README.md"))[1]) : [for name in regexall("`([a-z0-9-]+)`", row[0]) : name[0]]
    ]))
    error_message = "The runbook in infra/README.md and local.alarms differ."
  }

  assert {
    condition     = toset(keys(aws_cloudwatch_metric_alarm.main)) == toset(keys(local.alarms)) && alltrue([for a in values(aws_cloudwatch_metric_alarm.main) : a.alarm_actions == toset([aws_sns_topic.alarms.arn]) && a.ok_actions == toset([aws_sns_topic.alarms.arn])])
    error_message = "An alarm tells nobody, or not that it is over."
  }

  assert {
    condition     = aws_sns_topic_subscription.mail.protocol == "email" && aws_sns_topic_subscription.mail.endpoint == var.alarm_email && aws_sns_topic_subscription.mail.topic_arn == aws_sns_topic.alarms.arn
    error_message = "Alarms must reach alarm_email."
  }

  # CloudWatch answers a wrong dimension with no data, which is an alarm that never rings.
  assert {
    condition = alltrue([for name, a in aws_cloudwatch_metric_alarm.main : join(" ", sort(keys(a.dimensions))) == {
      "AWS/ApplicationELB"    = startswith(name, "load-balancer") ? "LoadBalancer" : "LoadBalancer TargetGroup"
      "AWS/ECS"               = "ClusterName ServiceName"
      "ECS/ContainerInsights" = "ClusterName ServiceName"
      "AWS/ElastiCache"       = "CacheClusterId CacheNodeId"
      "AWS/RDS"               = "DBInstanceIdentifier"
      "AWS/WAFV2"             = "Region Rule WebACL"
      "Sixseat/somewhere"     = ""
    }[a.namespace] if a.namespace != null])
    error_message = "An alarm looks at dimensions that its metric has not."
  }

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.main["chat-5xx"].dimensions == tomap({ LoadBalancer = aws_lb.main.arn_suffix, TargetGroup = aws_lb_target_group.chat.arn_suffix }) &&
      aws_cloudwatch_metric_alarm.main["chat-cpu"].dimensions == tomap({ ClusterName = aws_ecs_cluster.main.name, ServiceName = module.chat.name }) &&
      alltrue([for s, d in aws_db_instance.main : aws_cloudwatch_metric_alarm.main["${s}-db-cpu"].dimensions == tomap({ DBInstanceIdentifier = d.identifier })]) &&
      aws_cloudwatch_metric_alarm.main["firewall-blocks"].dimensions.WebACL == one(aws_wafv2_web_acl.main.visibility_config).metric_name
    )
    error_message = "An alarm looks at something that is not there."
  }

  assert {
    condition = alltrue([for a in [aws_cloudwatch_metric_alarm.main["cache-memory"], aws_cloudwatch_metric_alarm.main["cache-cpu"]] :
      join(" ", sort(concat([for q in a.metric_query : one(q.metric).dimensions.CacheClusterId if length(q.metric) == 1], var.cache.replicas == 0 ? [a.dimensions.CacheClusterId] : []))) ==
      join(" ", [for i in range(aws_elasticache_replication_group.main.num_cache_clusters) : "${aws_elasticache_replication_group.main.replication_group_id}-00${i + 1}"]) &&
      join(" ", [for q in a.metric_query : q.expression if coalesce(q.return_data, false)]) == (var.cache.replicas == 0 ? "" : "MAX(METRICS())")
    ])
    error_message = "After a fail-over another node is the primary: the cache's alarms must see all of them."
  }

  assert {
    condition     = alltrue([for name in ["chat-too-few", "match-too-few", "chat-sockets-missing"] : aws_cloudwatch_metric_alarm.main[name].treat_missing_data == "breaching"])
    error_message = "Where nothing runs there is no data, and this is what these alarms are for."
  }

  assert {
    condition     = alltrue([for s, m in { chat = module.chat, match = module.match } : m.deployment.alarms.alarm_names == toset(["sixseat-somewhere-${s}-5xx", "sixseat-somewhere-${s}-unhealthy"])])
    error_message = "A deployment must be undone by its own service's alarms."
  }

  # Logs that the alarms' metrics come from.
  assert {
    condition     = toset([for f in values(aws_cloudwatch_log_metric_filter.errors) : "${one(f.metric_transformation).namespace} ${one(f.metric_transformation).name} ${f.pattern}"]) == toset([for s in ["chat", "match"] : "${local.metrics} ${s}-errors { $.level = \"ERROR\" }"])
    error_message = "Errors are counted by a metric that nobody writes."
  }

  # The words are the program's.
  assert {
    condition     = toset([for f in values(aws_cloudwatch_log_metric_filter.secrets) : "${one(f.metric_transformation).namespace} ${one(f.metric_transformation).name} ${f.pattern}"]) == toset([for s in ["chat", "match"] : "${local.metrics} ${s}-secrets { $.msg = \"${regex("log\\.Error\\(\"([^\"]+)\"", file("${path.module}/../../pkg/awssecrets/trouble.go"))[0]}\" }"])
    error_message = "Secrets that cannot be used are counted by a metric that nobody writes."
  }

  assert {
    condition = (
      aws_cloudwatch_log_metric_filter.transcripts.log_group_name == "/sixseat-somewhere/chat" &&
      aws_cloudwatch_log_metric_filter.transcripts.pattern == "{ $.level = \"ERROR\" && $.msg = \"${regex("log\\.Log\\(ctx, level, \"([^\"]+)\"", file("${path.module}/../../services/chat-service/internal/archive/history.go"))[0]}\" }" &&
      "${one(aws_cloudwatch_log_metric_filter.transcripts.metric_transformation).namespace} ${one(aws_cloudwatch_log_metric_filter.transcripts.metric_transformation).name}" == "${aws_cloudwatch_metric_alarm.main["chat-transcripts"].namespace} ${aws_cloudwatch_metric_alarm.main["chat-transcripts"].metric_name}" &&
      aws_cloudwatch_metric_alarm.main["chat-transcripts"].threshold == 0 && aws_cloudwatch_metric_alarm.main["chat-transcripts"].comparison_operator == "GreaterThanThreshold"
    )
    error_message = "A transcript that is lost or damaged must be told at once, and by the program's words."
  }

  assert {
    condition     = toset([for g in values(aws_cloudwatch_log_group.main) : g.name]) == toset(["/sixseat-somewhere/chat", "/sixseat-somewhere/match", "/sixseat-somewhere/flow", "/sixseat-somewhere/cache", "aws-waf-logs-sixseat-somewhere", "/aws/ecs/containerinsights/sixseat-somewhere/performance"])
    error_message = "Log groups that others write to have names of their choice."
  }

  assert {
    condition     = toset([for g in values(aws_cloudwatch_log_group.database) : g.name]) == toset([for d in values(aws_db_instance.main) : "/aws/rds/instance/${d.identifier}/postgresql"]) && alltrue([for d in values(aws_db_instance.main) : d.enabled_cloudwatch_logs_exports == toset(["postgresql"])])
    error_message = "RDS must find the log groups that have an end."
  }

  # The dashboard.
  assert {
    condition     = toset(flatten([for w in jsondecode(aws_cloudwatch_dashboard.main.dashboard_body).widgets : [for m in w.properties.metrics : m[1]]])) == toset(["RequestCount", "HTTPCode_Target_5XX_Count", "TargetResponseTime", "chat-sockets", "RunningTaskCount", "chat-errors", "match-errors", "CPUUtilization", "DatabaseMemoryUsagePercentage", "EngineCPUUtilization"]) && alltrue([for w in jsondecode(aws_cloudwatch_dashboard.main.dashboard_body).widgets : length(w.properties.metrics) > 0 && w.x + w.width <= 24])
    error_message = "The dashboard shows too little, or beside the page."
  }
}
