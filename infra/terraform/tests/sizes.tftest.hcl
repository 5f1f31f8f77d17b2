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
    condition     = module.match.scaling.by.requests.label == "app/sixseat/0123456789abcdef/targetgroup/sixseat/0123456789abcdef"
    error_message = "Requests are counted per load balancer and target group."
  }

  assert {
    condition     = alltrue([for m in [module.chat, module.match] : m.deployment.launch_type == "FARGATE" && m.deployment.grace_period == local.times.grace_period && m.deployment.target.container_name == m.name && m.deployment.target.container_port == 8080])
    error_message = "Services run on Fargate, never Spot, behind the load balancer, and get time to start."
  }

  assert {
    condition     = aws_elasticache_replication_group.main.num_cache_clusters == 1 + var.cache.replicas && aws_elasticache_replication_group.main.automatic_failover_enabled == (var.cache.replicas > 0)
    error_message = "A cache with replicas must fail over to one."
  }

  assert {
    condition     = one([for p in aws_db_parameter_group.main.parameter : p.value if p.name == "max_connections"]) == tostring(var.database.max_connections)
    error_message = "The databases must take the connections that the sizes count on."
  }

  assert {
    condition     = alltrue([for d in values(aws_db_instance.main) : d.backup_retention_period >= 7 && d.max_allocated_storage > d.allocated_storage])
    error_message = "A week of backups at least, and storage that can grow."
  }
}

run "connections" {
  command = plan

  variables {
    chat = { cpu = 512, memory = 1024, min = 2, max = 200, sockets = 5000, deploy_percent = 150 }
  }

  expect_failures = [aws_db_instance.main]
}
