# Who may do what: the services, ECS when it starts them, and deploys.

mock_provider "aws" {
  source = "./tests/mocks"
}

# What match-service has, told apart from what chat-service has.
override_resource {
  target          = aws_secretsmanager_secret.service["match"]
  override_during = plan
  values          = { arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:match-AbCdEf" }
}

override_resource {
  target          = aws_db_instance.main["match"]
  override_during = plan
  values = {
    address            = "match.example.internal"
    resource_id        = "db-MATCHMATCHMA"
    master_user_secret = [{ secret_arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:rds-match-AbCdEf" }]
  }
}

override_resource {
  target          = aws_ecr_repository.main["match"]
  override_during = plan
  values          = { arn = "arn:aws:ecr:eu-central-1:123456789012:repository/match" }
}

override_resource {
  target          = aws_cloudwatch_log_group.main["match"]
  override_during = plan
  values          = { arn = "arn:aws:logs:eu-central-1:123456789012:log-group:match" }
}

override_resource {
  target          = aws_lb_target_group.match
  override_during = plan
  values          = { arn = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/match/0123456789abcdef" }
}

run "permissions" {
  command = plan

  assert {
    # As JSON: in Terraform a list of one is another type than a list of two.
    condition = alltrue([for name, m in { chat = module.chat, match = module.match } : jsonencode({ for s in jsondecode(m.task_policy).Statement : "${s.Effect} ${join(" ", s.Action)}" => s.Resource }) == jsonencode(merge(
      {
        "Allow elasticloadbalancing:DescribeTargetHealth" = ["*"]
        "Allow secretsmanager:GetSecretValue"             = concat([aws_db_instance.main[name].master_user_secret[0].secret_arn], name == "match" ? [aws_secretsmanager_secret.service["match"].arn] : [])
        "Allow kms:Decrypt"                               = [aws_kms_key.main["secrets"].arn]
      },
      name != "chat" ? {} : {
        "Allow s3:GetObject s3:PutObject"       = ["${aws_s3_bucket.files.arn}/uploads/*", "${aws_s3_bucket.files.arn}/pictures/*", "${aws_s3_bucket.files.arn}/transcripts/*"]
        "Allow s3:DeleteObject"                 = ["${aws_s3_bucket.files.arn}/pictures/*"]
        "Allow s3:ListBucket"                   = [aws_s3_bucket.files.arn]
        "Allow kms:Decrypt kms:GenerateDataKey" = [aws_kms_key.main["data"].arn]
      },
    ))])
    error_message = "A service may ask for its target's health and read its database's password, match-service its signing keys too, chat-service read and write pictures, uploads and transcripts and remove pictures, and nothing else."
  }

  assert {
    condition = alltrue([for name, m in { chat = module.chat, match = module.match } : { for s in jsondecode(m.execution_policy).Statement : join(" ", s.Action) => s.Resource } == {
      "ecr:GetAuthorizationToken"                                                    = ["*"]
      "ecr:BatchCheckLayerAvailability ecr:BatchGetImage ecr:GetDownloadUrlForLayer" = [aws_ecr_repository.main[name].arn]
      "logs:CreateLogStream logs:PutLogEvents"                                       = ["${aws_cloudwatch_log_group.main[name].arn}:*"]
      "secretsmanager:GetSecretValue"                                                = [aws_secretsmanager_secret.service[name].arn]
      "kms:Decrypt"                                                                  = [aws_kms_key.main["secrets"].arn]
    }])
    error_message = "ECS may pull the image, write the log and read the service's own secrets, and nothing else."
  }

  assert {
    condition = alltrue([for name, m in { chat = module.chat, match = module.match } : alltrue([for secret in jsondecode(m.container)[0].secrets :
      startswith(secret.valueFrom, "${aws_secretsmanager_secret.service[name].arn}:")
    ])])
    error_message = "A service is started with a secret of the other one."
  }

  assert {
    condition = alltrue([for name, m in { chat = module.chat, match = module.match } :
      contains(jsondecode(m.container)[0].environment, { name = "DATABASE_URL", value = "postgres://${name}@${aws_db_instance.main[name].address}:5432/${name}?sslmode=require" }) &&
      contains(jsondecode(m.container)[0].environment, { name = "DATABASE_PASSWORD", value = "aws-sm://${aws_db_instance.main[name].master_user_secret[0].secret_arn}#password" }) &&
      contains(jsondecode(m.container)[0].environment, { name = "TARGET_GROUP_ARN", value = m.deployment.target.target_group_arn })
    ]) && module.chat.deployment.target.target_group_arn == aws_lb_target_group.chat.arn && module.match.deployment.target.target_group_arn == aws_lb_target_group.match.arn
    error_message = "A service has the other one's database or password, or asks for its health in the wrong target group."
  }

  assert {
    condition = jsondecode(aws_iam_role.deploy.assume_role_policy).Statement[0].Condition.StringEquals == {
      "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
      "token.actions.githubusercontent.com:sub" = "repo:sixseat@1/sixseat@2:environment:somewhere"
    }
    error_message = "Only workflows of the environment may deploy."
  }

  # What a deploy does, in the order in which it does it; with anything less it fails.
  assert {
    condition = { for s in jsondecode(aws_iam_role_policy.deploy.policy).Statement : s.Sid => s.Action } == {
      SignIn = ["ecr:GetAuthorizationToken"]
      Push = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:CompleteLayerUpload", "ecr:DescribeImages",
      "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart"]
      Describe      = ["ecs:RegisterTaskDefinition", "ecs:DescribeTaskDefinition"]
      Roll          = ["ecs:UpdateService", "ecs:DescribeServices"]
      Migrate       = ["ecs:RunTask"]
      Watch         = ["ecs:DescribeTasks"]
      ReadMigration = ["logs:GetLogEvents"]
      PassRoles     = ["iam:PassRole"]
    }
    error_message = "The deploy role may do more or less than deploy."
  }

  assert {
    condition     = toset([for s in jsondecode(aws_iam_role_policy.deploy.policy).Statement : s.Sid if contains(s.Resource, "*")]) == toset(["SignIn", "Describe"])
    error_message = "The deploy role may do something to everything, for which AWS takes a narrower resource."
  }

  assert {
    condition = { for s in jsondecode(aws_iam_role_policy.deploy.policy).Statement : s.Sid => s.Condition if can(s.Condition) } == {
      Migrate   = { ArnEquals = { "ecs:cluster" = aws_ecs_cluster.main.arn } }
      PassRoles = { StringEquals = { "iam:PassedToService" = "ecs-tasks.amazonaws.com" } }
    }
    error_message = "A deploy runs tasks in its own cluster alone, and gives roles to tasks alone."
  }

  assert {
    condition     = toset(one([for s in jsondecode(aws_iam_role_policy.deploy.policy).Statement : s.Resource if s.Sid == "PassRoles"])) == toset(concat(module.chat.role_arns, module.match.role_arns))
    error_message = "A deploy gives the services' roles and no others."
  }

  # What the workflow and a person who migrates by hand are told.
  assert {
    condition     = output.deploy.region == "eu-central-1" && output.deploy.cluster == "sixseat-somewhere" && output.deploy.role == aws_iam_role.deploy.arn
    error_message = "The output deploy must say where and as whom to deploy."
  }

  assert {
    condition = { for s, d in output.deploy.services : s => "${d.service} ${d.family} ${d.container} ${d.log_group}" } == {
      chat  = "chat sixseat-somewhere-chat chat /sixseat-somewhere/chat"
      match = "match sixseat-somewhere-match match /sixseat-somewhere/match"
    }
    error_message = "The output deploy must name each service, its family, its container and its log."
  }

  assert {
    condition     = alltrue([for s, m in { chat = module.chat, match = module.match } : jsondecode(m.container)[0].name == output.deploy.services[s].container && jsondecode(m.container)[0].logConfiguration.options.awslogs-group == output.deploy.services[s].log_group])
    error_message = "The output deploy names a container or a log that the task definition has not."
  }
}

run "permissions_by_iam" {
  command = plan

  variables {
    database_auth = "iam"
  }

  assert {
    condition = alltrue([for name, m in { chat = module.chat, match = module.match } : jsonencode({ for s in jsondecode(m.task_policy).Statement : join(" ", s.Action) => s.Resource }) == jsonencode(merge(
      {
        "elasticloadbalancing:DescribeTargetHealth" = ["*"]
        "rds-db:connect"                            = ["arn:aws:rds-db:eu-central-1:123456789012:dbuser:${aws_db_instance.main[name].resource_id}/${name}"]
      },
      name != "match" ? {} : {
        "secretsmanager:GetSecretValue" = [aws_secretsmanager_secret.service["match"].arn]
        "kms:Decrypt"                   = [aws_kms_key.main["secrets"].arn]
      },
      name != "chat" ? {} : {
        "s3:GetObject s3:PutObject"       = ["${aws_s3_bucket.files.arn}/uploads/*", "${aws_s3_bucket.files.arn}/pictures/*", "${aws_s3_bucket.files.arn}/transcripts/*"]
        "s3:DeleteObject"                 = ["${aws_s3_bucket.files.arn}/pictures/*"]
        "s3:ListBucket"                   = [aws_s3_bucket.files.arn]
        "kms:Decrypt kms:GenerateDataKey" = [aws_kms_key.main["data"].arn]
      },
    ))])
    error_message = "With tokens of IAM a service signs in to its own database as itself, and reads no password."
  }

  assert {
    condition     = alltrue([for m in [module.chat, module.match] : contains(jsondecode(m.container)[0].environment, { name = "DATABASE_PASSWORD", value = "aws-rds-iam" })])
    error_message = "database_auth = iam must have both services sign in with tokens."
  }
}
