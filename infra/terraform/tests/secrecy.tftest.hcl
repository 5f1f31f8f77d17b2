# What is encrypted, and who may read it; who may do what, permissions.tftest.hcl says.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "secrecy" {
  command = plan

  assert {
    condition     = alltrue([for d in values(aws_db_instance.main) : d.storage_encrypted && d.iam_database_authentication_enabled && d.manage_master_user_password && d.password == null])
    error_message = "Databases must be encrypted, take IAM sign-in and make their own passwords."
  }

  # For the seconds that a rotation takes nobody gets new connections.
  assert {
    condition     = alltrue([for r in values(aws_secretsmanager_secret_rotation.database) : !r.rotate_immediately && one(r.rotation_rules).automatically_after_days == 1000])
    error_message = "The databases' passwords must change only when somebody asks for it."
  }

  assert {
    condition     = one([for p in aws_db_parameter_group.main.parameter : p.value if p.name == "rds.force_ssl"]) == "1" && alltrue([for e in values(local.environment) : endswith(e.DATABASE_URL, "sslmode=require")])
    error_message = "PostgreSQL must refuse what is not TLS, and the services ask for it."
  }

  assert {
    condition     = one([for p in aws_db_parameter_group.main.parameter : p.value if p.name == "log_parameter_max_length"]) == "0"
    error_message = "The log of slow statements must not hold what members wrote."
  }

  assert {
    condition     = alltrue([for d in values(aws_db_instance.main) : d.kms_key_id == aws_kms_key.main["data"].arn && d.master_user_secret_kms_key_id == aws_kms_key.main["secrets"].arn && d.parameter_group_name == aws_db_parameter_group.main.name])
    error_message = "Databases are encrypted with our keys and read our parameters."
  }

  assert {
    condition     = aws_elasticache_replication_group.main.transit_encryption_mode == "required" && aws_elasticache_replication_group.main.at_rest_encryption_enabled == "true" && length(aws_elasticache_replication_group.main.user_group_ids) == 1
    error_message = "The cache must be encrypted on the wire and on disk, and know its users."
  }

  assert {
    condition     = { for p in aws_elasticache_parameter_group.main.parameter : p.name => p.value } == { maxmemory-policy = "noeviction" } && aws_elasticache_replication_group.main.parameter_group_name == aws_elasticache_parameter_group.main.name
    error_message = "The cache must never drop a waiting member."
  }

  assert {
    condition     = alltrue([for u in values(aws_elasticache_user.service) : strcontains(u.access_string, "-@dangerous") && !strcontains(u.access_string, "~* ")]) && startswith(aws_elasticache_user.default.access_string, "off")
    error_message = "Each service has its own keys in the cache, and nobody without a name any."
  }

  assert {
    condition     = contains([for u in aws_elasticache_user_group.main.user_ids : u], aws_elasticache_user.default.user_id) && length(aws_elasticache_user_group.main.user_ids) == 3
    error_message = "The cache knows the two services and the user without rights."
  }

  assert {
    condition     = alltrue([for b in values(aws_s3_bucket_public_access_block.main) : b.block_public_acls && b.block_public_policy && b.ignore_public_acls && b.restrict_public_buckets]) && length(aws_s3_bucket_public_access_block.main) == 2
    error_message = "No bucket may be public."
  }

  assert {
    condition     = alltrue([for p in [aws_s3_bucket_policy.files.policy, aws_s3_bucket_policy.logs.policy] : contains([for s in jsondecode(p).Statement : "${s.Effect} ${s.Action} ${try(s.Condition.Bool["aws:SecureTransport"], "")}"], "Deny s3:* false")])
    error_message = "Buckets are reached by TLS alone."
  }

  assert {
    condition     = one(one(aws_s3_bucket_server_side_encryption_configuration.files.rule).apply_server_side_encryption_by_default).sse_algorithm == "aws:kms"
    error_message = "Members' files must be encrypted with a key of ours."
  }

  assert {
    condition     = one(aws_s3_bucket_versioning.files.versioning_configuration).status == "Enabled" && alltrue([for o in values(aws_s3_bucket_ownership_controls.main) : one(o.rule).object_ownership == "BucketOwnerEnforced"])
    error_message = "Members' files keep their older versions, and all objects are the account's."
  }

  assert {
    condition = (
      length([for r in aws_s3_bucket_lifecycle_configuration.files.rule : r if length(r.abort_incomplete_multipart_upload) == 1]) == 1 &&
      { for r in aws_s3_bucket_lifecycle_configuration.files.rule : r.id => one(r.noncurrent_version_expiration).noncurrent_days if length(r.noncurrent_version_expiration) == 1 } == { uploads = 1, old-versions = 30, transcripts = 365 } &&
      [for r in aws_s3_bucket_lifecycle_configuration.files.rule : "${one(r.filter).prefix} ${one(r.expiration).days}" if length(r.expiration) == 1 && r.id != "delete-markers"] == ["uploads/ 1"] &&
      [for r in aws_s3_bucket_lifecycle_configuration.files.rule : one(r.transition).storage_class if length(r.transition) == 1] == ["STANDARD_IA"] &&
      one(one(aws_s3_bucket_lifecycle_configuration.logs.rule).expiration).days == var.log_days
    )
    error_message = "Old versions, uploads that were not finished or not sent, and logs have an end, pictures and transcripts have none, and transcripts move to a cheaper place."
  }

  assert {
    condition     = alltrue([for k in values(aws_kms_key.main) : k.enable_key_rotation])
    error_message = "Keys must turn over."
  }

  # Who is not let in by name, the key refuses: and a log or an alarm is lost in silence.
  assert {
    condition     = [for s in jsondecode(aws_kms_key.main["logs"].policy).Statement : try(s.Principal.Service, "account")] == ["account", "logs.eu-central-1.amazonaws.com", "cloudwatch.amazonaws.com"] && aws_sns_topic.alarms.kms_master_key_id == aws_kms_key.main["logs"].arn
    error_message = "CloudWatch must be let to write logs and alarms with their key."
  }

  assert {
    condition     = alltrue([for r in values(aws_ecr_repository.main) : r.image_tag_mutability == "IMMUTABLE" && r.image_scanning_configuration[0].scan_on_push])
    error_message = "Images must be scanned, and a tag mean one image for ever."
  }

  assert {
    condition     = alltrue([for p in values(aws_ecr_lifecycle_policy.main) : [for r in jsondecode(p.policy).rules : "${r.rulePriority} ${r.selection.tagStatus} ${r.selection.countType} ${r.selection.countNumber}"] == ["1 untagged sinceImagePushed 7", "2 tagged imageCountMoreThan 50"]]) && length(aws_ecr_lifecycle_policy.main) == 2
    error_message = "Images must have an end: 50 releases, and a week for what has no tag."
  }

  assert {
    condition     = alltrue([for g in concat(values(aws_cloudwatch_log_group.main), values(aws_cloudwatch_log_group.database)) : g.retention_in_days == var.log_days && g.kms_key_id != null])
    error_message = "Logs must be encrypted and have an end."
  }

  # The task definitions.
  assert {
    condition     = alltrue([for m in [module.chat, module.match] : alltrue([for c in jsondecode(m.container) : c.readonlyRootFilesystem && c.user == "65532:65532" && c.linuxParameters.capabilities.drop == ["ALL"]])])
    error_message = "Containers run read-only, as nobody, without capabilities."
  }

  assert {
    condition = {
      chat  = [for s in jsondecode(module.chat.container)[0].secrets : "${s.name} ${regex(":([A-Za-z_]+)::$", s.valueFrom)[0]}"]
      match = [for s in jsondecode(module.match.container)[0].secrets : "${s.name} ${regex(":([A-Za-z_]+)::$", s.valueFrom)[0]}"]
      } == {
      chat  = ["REDIS_URL REDIS_URL"]
      match = ["REDIS_URL REDIS_URL"]
    }
    error_message = "What ECS reads for a task comes from Secrets Manager."
  }

  assert {
    condition = {
      for name, m in { chat = module.chat, match = module.match } : name => [for e in jsondecode(m.container)[0].environment : "${e.name} ${regex("#([A-Za-z_]+)$", e.value)[0]}" if startswith(e.value, "aws-sm://")]
      } == {
      chat  = ["DATABASE_PASSWORD password"]
      match = ["DATABASE_PASSWORD password", "SIGNING_KEY SIGNING_KEY"]
    }
    error_message = "Only match-service reads the signing keys, and both read their database's password."
  }

  assert {
    condition     = alltrue([for m in [module.chat, module.match] : alltrue([for e in jsondecode(m.container)[0].environment : length(regexall("://[^/@:]*:[^/@]*@", e.value)) == 0])])
    error_message = "A URL with a password stands in the plain environment."
  }

  # Every setting is one that the service's README lists.
  assert {
    condition = alltrue([for service, m in { chat = module.chat, match = module.match } : length(setsubtract(
      [for e in concat(jsondecode(m.container)[0].environment, jsondecode(m.container)[0].secrets) : e.name if !contains(["GOMEMLIMIT"], e.name)],
      [for row in regexall("(?m)^\\| `([A-Z_]+)` \\|", file("${path.module}/../../services/${service}-service/README.md")) : row[0]],
    )) == 0])
    error_message = "A task definition sets what its service does not read."
  }
}
