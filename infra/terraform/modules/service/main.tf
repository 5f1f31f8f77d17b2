# One service on Fargate: a task definition, a service behind a target group, two
# roles and what its size follows.

resource "aws_ecs_task_definition" "main" {
  family                   = "${var.prefix}-${var.name}"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.size.cpu
  memory                   = var.size.memory
  execution_role_arn       = aws_iam_role.execution.arn
  task_role_arn            = aws_iam_role.task.arn
  skip_destroy             = true # tasks run, and are rolled back to, what Terraform replaced

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = "ARM64"
  }

  # Lists are sorted as AWS gives them back, else every plan would show a change.
  container_definitions = jsonencode([{
    name      = var.name
    image     = var.image
    essential = true

    user                   = "65532:65532"
    readonlyRootFilesystem = true
    linuxParameters        = { capabilities = { drop = ["ALL"] } }
    ulimits                = [{ name = "nofile", softLimit = 65536, hardLimit = 65536 }] # each socket is one

    portMappings = [{ containerPort = 8080, protocol = "tcp" }]
    environment  = [for name in sort(keys(var.environment)) : { name = name, value = var.environment[name] }]
    secrets      = [for name in sort(keys(var.secrets)) : { name = name, valueFrom = var.secrets[name] }]
    stopTimeout  = var.stop_timeout

    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = var.log_group.name
        awslogs-region        = var.region
        awslogs-stream-prefix = var.name
        mode                  = "non-blocking" # CloudWatch away must not stop a service
        max-buffer-size       = "4m"
      }
    }
  }])
}

resource "aws_ecs_service" "main" {
  name            = var.name
  cluster         = var.cluster.arn
  launch_type     = "FARGATE" # not Spot: it stops a task without waiting for the drain
  task_definition = aws_ecs_task_definition.main.arn
  desired_count   = var.size.min
  propagate_tags  = "SERVICE"

  enable_execute_command             = false      # the image has no shell
  availability_zone_rebalancing      = "DISABLED" # it would cut sockets to tidy up
  health_check_grace_period_seconds  = var.grace_period
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = var.size.deploy_percent

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  alarms {
    enable      = true
    rollback    = true
    alarm_names = var.rollback_alarms
  }

  network_configuration {
    subnets          = var.network.subnets
    security_groups  = [var.network.security_group]
    assign_public_ip = false
  }

  load_balancer {
    target_group_arn = var.target_group_arn
    container_name   = var.name
    container_port   = 8080
  }

  dynamic "service_registries" {
    for_each = var.registry_arn == "" ? [] : [var.registry_arn]

    content {
      registry_arn = service_registries.value
    }
  }

  # Deploys choose the image and scaling the number of tasks.
  lifecycle {
    ignore_changes = [task_definition, desired_count]
  }

  depends_on = [aws_iam_role_policy.execution] # a task that starts without it cannot read its secrets
}
