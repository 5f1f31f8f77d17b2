# What must hold at every size; production.tftest.hcl says what production promises.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "sizes" {
  command = plan

  assert {
    condition     = alltrue([for m in [module.chat, module.match] : m.deployment.breaker.enable && m.deployment.breaker.rollback && m.deployment.alarms.enable && m.deployment.alarms.rollback && length(m.deployment.alarms.alarm_names) == 2])
    error_message = "A deployment that fails or rings an alarm must be undone."
  }

  assert {
    condition = alltrue([for size, m in { chat = module.chat, match = module.match } :
      m.deployment.minimum_percent == 100 && floor(m.scaling.min * m.deployment.maximum_percent / 100) > m.scaling.min
    ])
    error_message = "A deploy must have room for a new task before it stops an old one."
  }

  assert {
    condition     = module.chat.scaling.by.sockets.metric == "chat-sockets" && module.chat.scaling.by.sockets.target < var.chat.sockets
    error_message = "chat-service must grow by its sockets before a node refuses any."
  }

  assert {
    condition     = aws_cloudwatch_log_metric_filter.sockets.metric_transformation[0].name == module.chat.scaling.by.sockets.metric && aws_cloudwatch_log_metric_filter.sockets.metric_transformation[0].namespace == local.metrics
    error_message = "chat-service is scaled by a metric that nobody writes."
  }

  assert {
    condition     = toset([for s in values(module.match.scaling.by) : s.predefined]) == toset(["ECSServiceAverageCPUUtilization", "ALBRequestCountPerTarget"])
    error_message = "match-service must follow CPU and requests."
  }

  assert {
    condition     = one([for p in aws_db_parameter_group.main.parameter : p.value if p.name == "max_connections"]) == tostring(var.database.max_connections)
    error_message = "The databases must take the connections that the sizes count on."
  }

  assert {
    condition     = alltrue([for d in values(aws_db_instance.main) : d.backup_retention_period >= 7 && d.max_allocated_storage > d.allocated_storage])
    error_message = "A week of backups at least, and storage that can grow."
  }

  # Each alarm is in the runbook, and the runbook has no others.
  assert {
    condition = toset(keys(local.alarms)) == toset(flatten([
      for row in regexall("(?m)^\\| (`[a-z0-9-]+`(?:, `[a-z0-9-]+`)*) \\|", split("## Runbook", file("${path.module}/../README.md"))[1]) : [for name in regexall("`([a-z0-9-]+)`", row[0]) : name[0]]
    ]))
    error_message = "The runbook in infra/README.md and local.alarms differ."
  }

  assert {
    condition     = alltrue([for a in values(aws_cloudwatch_metric_alarm.main) : length(a.alarm_actions) == 1])
    error_message = "An alarm tells nobody."
  }
}

run "refusals" {
  command = plan

  variables {
    environment       = "Production"
    region            = "Frankfurt"
    domain_name       = "https://sixseat.example.com/"
    hosted_zone_id    = "example.com"
    github_repository = "sixseat"
    alarm_email       = "on call"
    vpc_cidr          = "10.0.0.0/24"
    zones             = 1
    images            = { chat = "chat-service:latest", match = "match-service" }
    chat              = { cpu = 512, memory = 1024, min = 1, max = 2, sockets = 5000, deploy_percent = 150 }
    match             = { cpu = 256, memory = 512, min = 3, max = 2, requests = 3000, deploy_percent = 200 }
    database          = { class = "t4g", storage = 20, max_storage = 100, multi_az = false, backup_days = 1, max_connections = 100 }
    cache             = { node_type = "t4g", replicas = 9 }
    log_days          = 10

    requests_per_address = 1
    verify_keys          = "{}"
    fresh_secrets        = { signing_keys = "short", chat_cache = "p@ss", match_cache = "" }
  }

  expect_failures = [
    var.environment, var.region, var.domain_name, var.hosted_zone_id, var.github_repository, var.alarm_email, var.vpc_cidr, var.zones,
    var.images, var.chat, var.match, var.database, var.cache, var.log_days, var.requests_per_address, var.verify_keys, var.fresh_secrets,
  ]
}

run "connections" {
  command = plan

  variables {
    chat = { cpu = 512, memory = 1024, min = 2, max = 200, sockets = 5000, deploy_percent = 150 }
  }

  expect_failures = [aws_db_instance.main]
}
