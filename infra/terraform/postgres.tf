# One PostgreSQL for each service: they share no data, and neither can slow the
# other down or needs a second user to be made by hand.

locals {
  databases = {
    chat  = { tasks = var.chat.max }
    match = { tasks = var.match.max }
  }

  # A deploy doubles the tasks, and some places are for people and the monitoring.
  connections_per_task = 12 # pkg/database/limits.go maxConns
  connections_kept     = 20
}

resource "aws_db_subnet_group" "main" {
  name       = local.name
  subnet_ids = [for s in aws_subnet.data : s.id]
}

resource "aws_db_parameter_group" "main" {
  name   = "${local.name}-postgres17"
  family = "postgres17"

  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }

  parameter {
    name         = "max_connections"
    value        = tostring(var.database.max_connections)
    apply_method = "pending-reboot"
  }

  # Nothing the services do takes longer; what does is worth a look. Without its
  # parameters: among them are what members wrote and who they are.
  parameter {
    name  = "log_min_duration_statement"
    value = "500"
  }

  parameter {
    name  = "log_parameter_max_length"
    value = "0"
  }

  # A node that hangs inside a transaction must not keep rooms locked.
  parameter {
    name  = "idle_in_transaction_session_timeout"
    value = "30000"
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_db_instance" "main" {
  for_each   = local.databases
  identifier = "${local.name}-${each.key}"

  engine                      = "postgres"
  engine_version              = "17"
  auto_minor_version_upgrade  = true
  allow_major_version_upgrade = false
  parameter_group_name        = aws_db_parameter_group.main.name
  ca_cert_identifier          = "rds-ca-rsa2048-g1"

  instance_class        = var.database.class
  storage_type          = "gp3"
  allocated_storage     = var.database.storage
  max_allocated_storage = var.database.max_storage
  storage_encrypted     = true
  kms_key_id            = aws_kms_key.main["data"].arn

  db_name  = each.key
  username = each.key

  # AWS makes the password and keeps it in Secrets Manager; Terraform never sees it.
  manage_master_user_password         = true
  master_user_secret_kms_key_id       = aws_kms_key.main["secrets"].arn
  iam_database_authentication_enabled = true

  multi_az               = var.database.multi_az
  publicly_accessible    = false
  db_subnet_group_name   = aws_db_subnet_group.main.name
  vpc_security_group_ids = [aws_security_group.main["${each.key}_db"].id]

  backup_retention_period   = var.database.backup_days
  backup_window             = "02:00-03:00"
  maintenance_window        = "sun:03:30-sun:04:30"
  copy_tags_to_snapshot     = true
  delete_automated_backups  = !var.protected
  deletion_protection       = var.protected
  skip_final_snapshot       = !var.protected
  final_snapshot_identifier = "${local.name}-${each.key}-last"

  enabled_cloudwatch_logs_exports = ["postgresql"]
  monitoring_interval             = 60
  monitoring_role_arn             = aws_iam_role.database_monitoring.arn
  database_insights_mode          = "standard" # a week of load by statement, for which it wants the line below
  performance_insights_enabled    = true
  performance_insights_kms_key_id = aws_kms_key.main["data"].arn

  lifecycle {
    precondition {
      condition     = 2 * each.value.tasks * local.connections_per_task + local.connections_kept <= var.database.max_connections
      error_message = "database.max_connections is too low: ${each.key}-service may have ${2 * each.value.tasks} tasks during a deploy, with ${local.connections_per_task} connections each, and ${local.connections_kept} are kept free."
    }
  }

  # Else RDS makes the log group, without an end, and finds a role that may not monitor.
  depends_on = [aws_cloudwatch_log_group.database, aws_iam_role_policy_attachment.database_monitoring]
}

# The password changes when somebody wants it to (see ../README.md). Tasks take the new one
# without a restart, but for the seconds that a change takes they get no new connections.
resource "aws_secretsmanager_secret_rotation" "database" {
  for_each           = local.databases
  secret_id          = aws_db_instance.main[each.key].master_user_secret[0].secret_arn
  rotate_immediately = false

  rotation_rules {
    automatically_after_days = 1000 # the longest there is
  }
}

resource "aws_iam_role" "database_monitoring" {
  name = "${local.name}-database-monitoring"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "monitoring.rds.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "database_monitoring" {
  role       = aws_iam_role.database_monitoring.name
  policy_arn = "${local.arn}:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
}
