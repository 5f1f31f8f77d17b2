# production.tfvars: every part survives the loss of a zone, and nothing goes by a slip.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "production" {
  command = plan

  assert {
    condition     = var.zones == 3 && module.chat.scaling.min >= 2 && module.match.scaling.min >= 2
    error_message = "Two tasks of each service over three zones, at least."
  }

  assert {
    condition     = alltrue([for d in values(aws_db_instance.main) : d.multi_az && d.deletion_protection && !d.skip_final_snapshot && !d.delete_automated_backups && d.backup_retention_period >= 14])
    error_message = "Databases need a standby, two weeks of backups and protection."
  }

  assert {
    condition     = aws_elasticache_replication_group.main.automatic_failover_enabled && aws_elasticache_replication_group.main.multi_az_enabled && aws_elasticache_replication_group.main.num_cache_clusters >= 2
    error_message = "The cache needs a replica that takes over."
  }

  assert {
    condition     = aws_lb.main.enable_deletion_protection
    error_message = "The load balancer must be protected."
  }
}
