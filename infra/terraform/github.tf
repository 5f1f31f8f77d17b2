# How a workflow deploys: GitHub vouches for the repository and the environment (whose
# reviewers have agreed), and no key lies anywhere. Its role brings a new image and
# nothing else, and reads why a migration failed; applying Terraform is for people.

resource "aws_iam_openid_connect_provider" "github" {
  count          = var.github_oidc_provider_arn == "" ? 1 : 0
  url            = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]
}

locals {
  github = var.github_oidc_provider_arn == "" ? one(aws_iam_openid_connect_provider.github[*].arn) : var.github_oidc_provider_arn

  service_modules = { chat = module.chat, match = module.match }
  task_arns       = [for s in local.services : "${local.arn}:ecs:${var.region}:${local.account}:task-definition/${local.name}-${s}:*"]

  deploy_policy = [
    {
      Sid      = "SignIn"
      Effect   = "Allow"
      Action   = ["ecr:GetAuthorizationToken"]
      Resource = ["*"] # AWS takes no other
    },
    {
      Sid    = "Push"
      Effect = "Allow"
      Action = [
        "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:CompleteLayerUpload", "ecr:DescribeImages",
        "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart",
      ]
      Resource = [for s in local.services : aws_ecr_repository.main[s].arn]
    },
    {
      Sid      = "Describe"
      Effect   = "Allow"
      Action   = ["ecs:RegisterTaskDefinition", "ecs:DescribeTaskDefinition"]
      Resource = ["*"] # AWS takes no other
    },
    {
      Sid      = "Roll"
      Effect   = "Allow"
      Action   = ["ecs:UpdateService", "ecs:DescribeServices"]
      Resource = [for s in local.services : local.service_modules[s].service_arn]
    },
    {
      Sid       = "Migrate"
      Effect    = "Allow"
      Action    = ["ecs:RunTask"]
      Resource  = local.task_arns
      Condition = { ArnEquals = { "ecs:cluster" = aws_ecs_cluster.main.arn } }
    },
    {
      Sid      = "Watch"
      Effect   = "Allow"
      Action   = ["ecs:DescribeTasks"]
      Resource = ["${local.arn}:ecs:${var.region}:${local.account}:task/${local.name}/*"]
    },
    {
      Sid      = "ReadMigration"
      Effect   = "Allow"
      Action   = ["logs:GetLogEvents"]
      Resource = [for s in local.services : "${aws_cloudwatch_log_group.main[s].arn}:log-stream:*"]
    },
    {
      Sid       = "PassRoles"
      Effect    = "Allow"
      Action    = ["iam:PassRole"]
      Resource  = flatten([for s in local.services : local.service_modules[s].role_arns])
      Condition = { StringEquals = { "iam:PassedToService" = "ecs-tasks.amazonaws.com" } }
    },
  ]
}

resource "aws_iam_role" "deploy" {
  name                 = "${local.name}-deploy"
  max_session_duration = 3600

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.github }
      Condition = { StringEquals = {
        "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
        "token.actions.githubusercontent.com:sub" = "repo:${var.github_repository}:environment:${var.environment}"
      } }
    }]
  })
}

resource "aws_iam_role_policy" "deploy" {
  name   = "deploy"
  role   = aws_iam_role.deploy.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [for statement in local.deploy_policy : statement] })
}
