# What a task reads from Secrets Manager: its cache's address when it starts, the signing
# keys again and again. The databases' passwords are not here: AWS makes those itself
# (postgres.tf).

resource "aws_secretsmanager_secret" "service" {
  for_each                = local.services
  name                    = "${local.name}/${each.key}"
  description             = "What ${each.key}-service reads at its start"
  kms_key_id              = aws_kms_key.main["secrets"].arn
  recovery_window_in_days = 7
}

locals {
  cache_address = "${aws_elasticache_replication_group.main.primary_endpoint_address}:6379"

  # Where fresh_secrets is not given this is "" and not null: the provider takes a
  # write-only argument and its version only together, at every plan. It is sent when the
  # version is new, and AWS refuses to store nothing.
  cache_passwords = {
    chat  = var.fresh_secrets == null ? "" : var.fresh_secrets.chat_cache
    match = var.fresh_secrets == null ? "" : var.fresh_secrets.match_cache
  }
}

resource "aws_secretsmanager_secret_version" "chat" {
  secret_id                = aws_secretsmanager_secret.service["chat"].id
  secret_string_wo_version = var.secrets_version
  secret_string_wo = var.fresh_secrets == null ? "" : jsonencode({
    REDIS_URL = "rediss://chat:${local.cache_passwords.chat}@${local.cache_address}/0"
  })
}

resource "aws_secretsmanager_secret_version" "match" {
  secret_id                = aws_secretsmanager_secret.service["match"].id
  secret_string_wo_version = var.secrets_version
  secret_string_wo = var.fresh_secrets == null ? "" : jsonencode({
    REDIS_URL   = "rediss://match:${local.cache_passwords.match}@${local.cache_address}/0"
    SIGNING_KEY = var.fresh_secrets.signing_keys
  })
}
