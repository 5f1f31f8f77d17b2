terraform {
  required_version = ">= 1.11" # write-only arguments and ephemeral variables

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.52"
    }
  }

  # Where the state lies is said at init, one key per environment:
  # terraform init -backend-config=bucket=… -backend-config=key=production.tfstate
  backend "s3" {
    use_lockfile = true # S3 itself keeps two applies apart
    encrypt      = true
  }
}

provider "aws" {
  region = var.region

  default_tags {
    tags = { Application = "sixseat", Environment = var.environment }
  }
}

data "aws_caller_identity" "me" {}
data "aws_partition" "here" {}

locals {
  # The prefix of every name, so that two environments may share an account.
  name    = "sixseat-${var.environment}"
  account = data.aws_caller_identity.me.account_id
  arn     = "arn:${data.aws_partition.here.partition}"

  # The services, and what the rest calls them.
  services = toset(["chat", "match"])
}
