output "service_arn" {
  description = "The ECS service."
  value       = aws_ecs_service.main.id
}

output "name" {
  description = "Its name: of the service, and of the container in its task definitions."
  value       = aws_ecs_service.main.name
}

output "family" {
  description = "Family of its task definitions."
  value       = aws_ecs_task_definition.main.family
}

output "container" {
  description = "What its first task definition says of the container, as JSON."
  value       = aws_ecs_task_definition.main.container_definitions
}

output "role_arns" {
  description = "The roles that ECS gives to its tasks."
  value       = [aws_iam_role.execution.arn, aws_iam_role.task.arn]
}

output "execution_policy" {
  description = "What ECS may do to start its tasks: a policy as JSON."
  value       = aws_iam_role_policy.execution.policy
}

output "task_policy" {
  description = "What the running service may do in AWS: a policy as JSON, empty where it may nothing."
  value       = one(aws_iam_role_policy.task[*].policy)
}

output "deployment" {
  description = "How ECS replaces its tasks."
  value = {
    breaker         = one(aws_ecs_service.main.deployment_circuit_breaker)
    alarms          = one(aws_ecs_service.main.alarms)
    minimum_percent = aws_ecs_service.main.deployment_minimum_healthy_percent
    maximum_percent = aws_ecs_service.main.deployment_maximum_percent
    launch_type     = aws_ecs_service.main.launch_type
    grace_period    = aws_ecs_service.main.health_check_grace_period_seconds
    target          = one(aws_ecs_service.main.load_balancer)
    public_address  = one(aws_ecs_service.main.network_configuration).assign_public_ip
  }
}

output "scaling" {
  description = "What its number of tasks follows, and within what."
  value = {
    min = aws_appautoscaling_target.main.min_capacity
    max = aws_appautoscaling_target.main.max_capacity
    by = { for name, p in aws_appautoscaling_policy.main : name => {
      target     = one(p.target_tracking_scaling_policy_configuration).target_value
      scale_in   = one(p.target_tracking_scaling_policy_configuration).scale_in_cooldown
      predefined = one(one(p.target_tracking_scaling_policy_configuration).predefined_metric_specification[*].predefined_metric_type)
      label      = one(one(p.target_tracking_scaling_policy_configuration).predefined_metric_specification[*].resource_label)
      metric     = one(one(p.target_tracking_scaling_policy_configuration).customized_metric_specification[*].metric_name)
    } }
  }
}
