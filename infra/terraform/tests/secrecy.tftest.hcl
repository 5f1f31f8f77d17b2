# What is encrypted, what is kept, and who may read or change it.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "secrecy" {
  command = plan

  assert {
    condition     = alltrue([for d in values(aws_db_instance.main) : d.storage_encrypted && d.iam_database_authentication_enabled && d.manage_master_user_password && d.password == null])
    error_message = "Databases must be encrypted, take IAM sign-in and make their own passwords."
  }

  assert {
    condition     = one([for p in aws_db_parameter_group.main.parameter : p.value if p.name == "rds.force_ssl"]) == "1" && alltrue([for e in values(local.environment) : endswith(e.DATABASE_URL, "sslmode=require")])
    error_message = "PostgreSQL must refuse what is not TLS, and the services ask for it."
  }

  assert {
    condition     = aws_elasticache_replication_group.main.transit_encryption_mode == "required" && aws_elasticache_replication_group.main.at_rest_encryption_enabled == "true" && length(aws_elasticache_replication_group.main.user_group_ids) == 1
    error_message = "The cache must be encrypted on the wire and on disk, and know its users."
  }

  assert {
    condition     = one(aws_elasticache_parameter_group.main.parameter).value == "noeviction"
    error_message = "The cache must never drop a waiting member."
  }

  assert {
    condition     = alltrue([for u in values(aws_elasticache_user.service) : strcontains(u.access_string, "-@dangerous") && !strcontains(u.access_string, "~* ")]) && startswith(aws_elasticache_user.default.access_string, "off")
    error_message = "Each service has its own keys in the cache, and nobody without a name any."
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
    condition     = alltrue([for k in values(aws_kms_key.main) : k.enable_key_rotation])
    error_message = "Keys must turn over."
  }

  assert {
    condition     = alltrue([for r in values(aws_ecr_repository.main) : r.image_tag_mutability == "IMMUTABLE" && r.image_scanning_configuration[0].scan_on_push])
    error_message = "Images must be scanned, and a tag mean one image for ever."
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
      chat  = ["PGPASSWORD password", "REDIS_URL REDIS_URL"]
      match = ["PGPASSWORD password", "REDIS_URL REDIS_URL", "SIGNING_KEY SIGNING_KEY"]
    }
    error_message = "Only match-service gets the signing key, and every secret comes from Secrets Manager."
  }

  assert {
    condition     = alltrue([for m in [module.chat, module.match] : alltrue([for e in jsondecode(m.container)[0].environment : length(regexall("://[^/@:]*:[^/@]*@", e.value)) == 0])])
    error_message = "A URL with a password stands in the plain environment."
  }

  # Every setting is one that the service's README lists.
  assert {
    condition = alltrue([for service, m in { chat = module.chat, match = module.match } : length(setsubtract(
      [for e in concat(jsondecode(m.container)[0].environment, jsondecode(m.container)[0].secrets) : e.name if !contains(["PGPASSWORD", "GOMEMLIMIT"], e.name)],
      [for row in regexall("(?m)^\\| `([A-Z_]+)` \\|", file("${path.module}/../../services/${service}-service/README.md")) : row[0]],
    )) == 0])
    error_message = "A task definition sets what its service does not read."
  }

  # Who may do what.
  assert {
    condition     = alltrue([for m in [module.chat, module.match] : jsondecode(m.task_policy).Statement == [{ Effect = "Allow", Action = ["elasticloadbalancing:DescribeTargetHealth"], Resource = ["*"] }]])
    error_message = "A service may ask for its target's health, and nothing else."
  }

  assert {
    condition     = jsondecode(aws_iam_role.deploy.assume_role_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:sub"] == "repo:sixseat/sixseat:environment:somewhere"
    error_message = "Only workflows of the environment may deploy."
  }

  assert {
    condition = alltrue([for s in jsondecode(aws_iam_role_policy.deploy.policy).Statement :
      s.Resource != ["*"] || length(setsubtract(s.Action, ["ecr:GetAuthorizationToken", "ecs:RegisterTaskDefinition", "ecs:DescribeTaskDefinition"])) == 0
    ])
    error_message = "The deploy role may do something to everything."
  }

  assert {
    condition     = alltrue([for s in jsondecode(aws_iam_role_policy.deploy.policy).Statement : alltrue([for a in s.Action : !strcontains(a, "*") && !startswith(a, "secretsmanager:")])])
    error_message = "The deploy role has a wildcard, or reads secrets."
  }
}
