# Where the services run. What both are given is said once here; what only one needs
# stands in service_chat.tf and service_match.tf.

resource "aws_ecs_cluster" "main" {
  name = local.name

  setting {
    name  = "containerInsights"
    value = "enabled"
  }

  lifecycle {
    precondition {
      condition     = alltrue([for image in values(var.images) : image != ""])
      error_message = "images must name each service's first image, pushed to the repositories that are made before all else (see ../README.md)."
    }
  }

  depends_on = [aws_cloudwatch_log_group.main] # else Container Insights makes its own
}

locals {
  cluster      = { name = aws_ecs_cluster.main.name, arn = aws_ecs_cluster.main.arn }
  task_subnets = [for s in aws_subnet.private : s.id]

  # Names of settings as the services' READMEs list them; a test compares. GOMEMLIMIT is
  # read by Go. The database's password the services read themselves, and again when it
  # changes.
  environment = { for service in local.services : service => {
    ADDR              = ":8080"
    ADMIN_ADDR        = ":8081"
    LOG_FORMAT        = "json"
    TARGET_GROUP_ARN  = { chat = aws_lb_target_group.chat.arn, match = aws_lb_target_group.match.arn }[service]
    DATABASE_URL      = "postgres://${service}@${aws_db_instance.main[service].address}:5432/${service}?sslmode=require"
    DATABASE_PASSWORD = local.by_iam ? "aws-rds-iam" : "aws-sm://${aws_db_instance.main[service].master_user_secret[0].secret_arn}#password"
    DRAIN_NOTICE      = "${local.times.drain_notice}s"
    DRAIN_WINDOW      = "${local.times.drain_window}s"
    GOMEMLIMIT        = "${floor({ chat = var.chat.memory, match = var.match.memory }[service] * 0.9)}MiB"
  } }

  # What ECS reads for a task.
  secrets = { for service in local.services : service => {
    REDIS_URL = "${aws_secretsmanager_secret.service[service].arn}:REDIS_URL::"
  } }

  by_iam = var.database_auth == "iam"

  # What a task reads itself: its database's password, and match-service its signing keys.
  read_secrets = { for service in local.services : service => concat(
    local.by_iam ? [] : [aws_db_instance.main[service].master_user_secret[0].secret_arn],
    service == "match" ? [aws_secretsmanager_secret.service["match"].arn] : [],
  ) }

  # A test compares the actions with the calls that the code makes. A node asks whether
  # its load balancer drains it, for which AWS takes no narrower resource.
  task_policy = { for service in local.services : service => [for statement in [
    { Effect = "Allow", Action = ["elasticloadbalancing:DescribeTargetHealth"], Resource = ["*"] },
    { Effect = "Allow", Action = ["secretsmanager:GetSecretValue"], Resource = local.read_secrets[service] },
    { Effect = "Allow", Action = ["kms:Decrypt"], Resource = length(local.read_secrets[service]) > 0 ? [aws_kms_key.main["secrets"].arn] : [] }, # what those are encrypted with
    { Effect = "Allow", Action = ["rds-db:connect"], Resource = local.by_iam ? ["${local.arn}:rds-db:${var.region}:${local.account}:dbuser:${aws_db_instance.main[service].resource_id}/${service}"] : [] },
  ] : statement if length(statement.Resource) > 0] } # IAM takes no statement about nothing
}
