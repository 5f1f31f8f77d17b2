# match-service: short requests, and event streams that end after two minutes.

module "match" {
  source = "./modules/service"

  name           = "match"
  prefix         = local.name
  cluster        = local.cluster
  image          = var.images.match
  repository_arn = aws_ecr_repository.main["match"].arn
  size           = var.match
  region         = var.region

  environment = merge(local.environment.match, {
    SIGNING_KEY  = "aws-sm://${aws_secretsmanager_secret.service["match"].arn}#SIGNING_KEY"
    FILES_ORIGIN = "https://${aws_s3_bucket.files.id}.s3.${var.region}.amazonaws.com"
  })

  secrets         = local.secrets.match
  secret_arns     = [aws_secretsmanager_secret.service["match"].arn]
  secrets_key_arn = aws_kms_key.main["secrets"].arn

  log_group        = { name = aws_cloudwatch_log_group.main["match"].name, arn = aws_cloudwatch_log_group.main["match"].arn }
  network          = { subnets = local.task_subnets, security_group = aws_security_group.main["match"].id }
  target_group_arn = aws_lb_target_group.match.arn
  task_policy      = local.task_policy.match
  registry_arn     = aws_service_discovery_service.match.arn

  stop_timeout    = local.times.stop_timeout
  grace_period    = local.times.grace_period
  rollback_alarms = [for name in local.rollback_alarms.match : aws_cloudwatch_metric_alarm.main[name].alarm_name]

  scaling = {
    cpu      = { predefined = "ECSServiceAverageCPUUtilization", target = 60, scale_in = 300, scale_out = 60 }
    requests = { predefined = "ALBRequestCountPerTarget", label = "${aws_lb.main.arn_suffix}/${aws_lb_target_group.match.arn_suffix}", target = var.match.requests, scale_in = 300, scale_out = 60 }
  }

  depends_on = [aws_lb_listener_rule.match, aws_secretsmanager_secret_version.match]
}
