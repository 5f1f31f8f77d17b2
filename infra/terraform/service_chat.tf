# chat-service: what loads a node is its open sockets, and stopping one costs its
# members a reconnect. So it grows by sockets and shrinks slowly.

module "chat" {
  source = "./modules/service"

  name           = "chat"
  prefix         = local.name
  cluster        = local.cluster
  image          = var.images.chat
  repository_arn = aws_ecr_repository.main["chat"].arn
  size           = var.chat
  region         = var.region

  environment = merge(local.environment.chat, {
    JWKS_URL          = "http://${aws_service_discovery_service.match.name}.${aws_service_discovery_private_dns_namespace.main.name}:8080/match/.well-known/jwks.json"
    VERIFY_KEYS       = var.verify_keys
    LIMIT_CONNECTIONS = tostring(var.chat.sockets)
    FILES_BUCKET      = aws_s3_bucket.files.id
    ARCHIVE_AFTER     = "${var.archive_after_days * 24}h"
  })

  secrets         = local.secrets.chat
  secret_arns     = [aws_secretsmanager_secret.service["chat"].arn]
  secrets_key_arn = aws_kms_key.main["secrets"].arn

  log_group        = { name = aws_cloudwatch_log_group.main["chat"].name, arn = aws_cloudwatch_log_group.main["chat"].arn }
  network          = { subnets = local.task_subnets, security_group = aws_security_group.main["chat"].id }
  target_group_arn = aws_lb_target_group.chat.arn

  task_policy = concat(local.task_policy.chat, local.files_policy)

  stop_timeout    = local.times.stop_timeout
  grace_period    = local.times.grace_period
  rollback_alarms = [for name in local.rollback_alarms.chat : aws_cloudwatch_metric_alarm.main[name].alarm_name]

  scaling = {
    # A task is full at 80 % of what it carries: three quarters of that are the 60 % of the CPU.
    sockets = { namespace = local.metrics, metric = "chat-sockets", target = floor(var.chat.sockets * 0.75), scale_in = 1800, scale_out = 60 }
    cpu     = { predefined = "ECSServiceAverageCPUUtilization", target = 60, scale_in = 1800, scale_out = 60 }
  }

  # A target group that no rule uses takes no service, and a secret that holds nothing yet
  # starts no task.
  depends_on = [aws_lb_listener_rule.chat, aws_secretsmanager_secret_version.chat]
}
