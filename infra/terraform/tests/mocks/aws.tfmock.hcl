# What AWS would answer, as far as something is computed from it.

mock_data "aws_caller_identity" {
  defaults = { account_id = "123456789012" }
}

mock_data "aws_partition" {
  defaults = { partition = "aws" }
}

mock_data "aws_availability_zones" {
  defaults = { names = ["eu-central-1a", "eu-central-1b", "eu-central-1c", "eu-central-1d"] }
}

# What AWS would make, where a policy or a task definition is composed of it. Known
# when planning already, so that tests can look inside.

mock_resource "aws_db_instance" {
  override_during = plan
  defaults = {
    address            = "postgres.example.internal"
    resource_id        = "db-ABCDEFGHIJKL"
    master_user_secret = [{ secret_arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:rds-AbCdEf", kms_key_id = "key", secret_status = "active" }]
  }
}

mock_resource "aws_secretsmanager_secret" {
  override_during = plan
  defaults        = { arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:sixseat-AbCdEf" }
}

mock_resource "aws_kms_key" {
  override_during = plan
  defaults        = { arn = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555" }
}

mock_resource "aws_ecr_repository" {
  override_during = plan
  defaults        = { arn = "arn:aws:ecr:eu-central-1:123456789012:repository/sixseat" }
}

mock_resource "aws_cloudwatch_log_group" {
  override_during = plan
  defaults        = { arn = "arn:aws:logs:eu-central-1:123456789012:log-group:sixseat" }
}

mock_resource "aws_ecs_cluster" {
  override_during = plan
  defaults        = { arn = "arn:aws:ecs:eu-central-1:123456789012:cluster/sixseat" }
}

mock_resource "aws_ecs_service" {
  override_during = plan
  defaults        = { id = "arn:aws:ecs:eu-central-1:123456789012:service/sixseat/service" }
}

mock_resource "aws_iam_role" {
  override_during = plan
  defaults        = { id = "role", arn = "arn:aws:iam::123456789012:role/role" }
}

mock_resource "aws_iam_openid_connect_provider" {
  override_during = plan
  defaults        = { arn = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" }
}

mock_resource "aws_s3_bucket" {
  override_during = plan
  defaults        = { id = "bucket", arn = "arn:aws:s3:::bucket" }
}

mock_resource "aws_lb" {
  override_during = plan
  defaults = {
    arn        = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/sixseat/0123456789abcdef"
    arn_suffix = "app/sixseat/0123456789abcdef"
  }
}

mock_resource "aws_lb_target_group" {
  override_during = plan
  defaults = {
    arn        = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/sixseat/0123456789abcdef"
    arn_suffix = "targetgroup/sixseat/0123456789abcdef"
  }
}

mock_resource "aws_wafv2_web_acl" {
  override_during = plan
  defaults        = { arn = "arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/sixseat/11111111-2222-3333-4444-555555555555" }
}

mock_resource "aws_sns_topic" {
  override_during = plan
  defaults        = { arn = "arn:aws:sns:eu-central-1:123456789012:sixseat" }
}
