# One key per class of data, so that reading one class can be granted alone. AWS turns
# them over each year by itself.

locals {
  keys = {
    data    = "what members left: databases, cache, files"
    secrets = "passwords and signing keys"
    logs    = "logs and alarms"
  }

  # The account's own policies decide, as for everything else.
  key_owner = {
    Sid       = "Account"
    Effect    = "Allow"
    Principal = { AWS = "${local.arn}:iam::${local.account}:root" }
    Action    = "kms:*"
    Resource  = "*"
  }

  # Logs and alarms are written by AWS services, which must be let in by name.
  key_users = {
    data    = []
    secrets = []
    logs = [
      {
        Sid       = "Logs"
        Effect    = "Allow"
        Principal = { Service = "logs.${var.region}.amazonaws.com" }
        Action    = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"]
        Resource  = "*"
        Condition = { ArnLike = { "kms:EncryptionContext:aws:logs:arn" = "${local.arn}:logs:${var.region}:${local.account}:log-group:*" } }
      },
      {
        Sid       = "Alarms"
        Effect    = "Allow"
        Principal = { Service = "cloudwatch.amazonaws.com" }
        Action    = ["kms:Decrypt", "kms:GenerateDataKey*"]
        Resource  = "*" # without a condition, as AWS documents it: a refusal here loses every alarm in silence
      },
    ]
  }
}

resource "aws_kms_key" "main" {
  for_each                = local.keys
  description             = "${local.name}: ${each.value}"
  enable_key_rotation     = true
  deletion_window_in_days = 30

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = concat([local.key_owner], [for user in local.key_users[each.key] : user])
  })
}

resource "aws_kms_alias" "main" {
  for_each      = local.keys
  name          = "alias/${local.name}-${each.key}"
  target_key_id = aws_kms_key.main[each.key].key_id
}
