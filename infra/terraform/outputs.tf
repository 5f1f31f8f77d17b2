output "url" {
  description = "The site."
  value       = "https://${var.domain_name}/match/"
}

output "repositories" {
  description = "Where each service's images are pushed."
  value       = { for s, r in aws_ecr_repository.main : s => r.repository_url }
}

output "cluster" {
  description = "ECS cluster of both services."
  value       = aws_ecs_cluster.main.name
}

output "deploy_role" {
  description = "The role that a workflow takes to deploy."
  value       = aws_iam_role.deploy.arn
}

output "migrate" {
  description = "What a migration task needs besides its task definition: subnets, and each service's security group."
  value       = { subnets = local.task_subnets, security_groups = { for s in local.services : s => aws_security_group.main[s].id } }
}

output "dashboard" {
  description = "Name of the CloudWatch dashboard."
  value       = aws_cloudwatch_dashboard.main.dashboard_name
}
