# Target tracking: of several metrics the one that asks for most tasks wins, and only
# when all agree are there fewer.

resource "aws_appautoscaling_target" "main" {
  service_namespace  = "ecs"
  scalable_dimension = "ecs:service:DesiredCount"
  resource_id        = "service/${var.cluster.name}/${aws_ecs_service.main.name}"
  min_capacity       = var.size.min
  max_capacity       = var.size.max
}

resource "aws_appautoscaling_policy" "main" {
  for_each           = var.scaling
  name               = "${var.prefix}-${var.name}-${each.key}"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.main.service_namespace
  scalable_dimension = aws_appautoscaling_target.main.scalable_dimension
  resource_id        = aws_appautoscaling_target.main.resource_id

  target_tracking_scaling_policy_configuration {
    target_value       = each.value.target
    scale_in_cooldown  = each.value.scale_in
    scale_out_cooldown = each.value.scale_out

    dynamic "predefined_metric_specification" {
      for_each = each.value.predefined == null ? [] : [each.value]

      content {
        predefined_metric_type = predefined_metric_specification.value.predefined
        resource_label         = predefined_metric_specification.value.label
      }
    }

    dynamic "customized_metric_specification" {
      for_each = each.value.metric == null ? [] : [each.value]

      content {
        namespace   = customized_metric_specification.value.namespace
        metric_name = customized_metric_specification.value.metric
        statistic   = "Average"
      }
    }
  }
}
