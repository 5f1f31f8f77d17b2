output "url" {
  description = "The site."
  value       = "https://${var.domain_name}/match/"
}

output "deploy" {
  description = "All that a deploy needs: the role to take, where images are pushed, which service runs which family's container, and where a migration runs and logs."
  value = {
    region  = var.region
    role    = aws_iam_role.deploy.arn
    cluster = aws_ecs_cluster.main.name
    subnets = local.task_subnets
    services = { for s, m in local.service_modules : s => {
      service        = m.name
      family         = m.family
      container      = m.name
      repository     = aws_ecr_repository.main[s].repository_url
      security_group = aws_security_group.main[s].id
      log_group      = aws_cloudwatch_log_group.main[s].name # streams are container/container/task id
    } }
  }
}

output "dashboard" {
  description = "Name of the CloudWatch dashboard."
  value       = aws_cloudwatch_dashboard.main.dashboard_name
}
