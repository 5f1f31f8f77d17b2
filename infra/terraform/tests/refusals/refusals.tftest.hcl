# What the variables refuse, whatever the size.

mock_provider "aws" {
  source = "./tests/mocks"
}

# One thing wrong of each variable at a time: what all of them refuse, one by one.
run "refusals" {
  command = plan

  variables {
    environment       = "Production"
    region            = "Frankfurt"
    domain_name       = "https://sixseat.example.com/"
    hosted_zone_id    = "example.com"
    github_repository = "sixseat@1/sixseat"
    alarm_email       = "on call"
    vpc_cidr          = "10.0.0.0/24"
    zones             = 1
    images            = { chat = "chat-service:latest", match = "match-service" }
    chat              = { cpu = 512, memory = 5120, min = 1, max = 2, sockets = 5000, deploy_percent = 200 }
    match             = { cpu = 300, memory = 1024, min = 1, max = 2, requests = 3000, deploy_percent = 200 }
    database          = { class = "t4g", storage = 20, max_storage = 100, multi_az = false, backup_days = 7, max_connections = 100 }
    database_auth     = "token"
    cache             = { node_type = "t4g", replicas = 0 }
    log_days          = 10

    archive_after_days       = 0.5
    github_oidc_provider_arn = "arn:aws:iam::123456789012:role/github"
    requests_per_address     = 1
    verify_keys              = "{}"
    secrets_version          = 0
    fresh_secrets            = { signing_keys = "short", chat_cache = "0123456789abcdef0123456789abcdef", match_cache = "0123456789abcdef0123456789abcdef" }
  }

  expect_failures = [
    var.environment, var.region, var.domain_name, var.hosted_zone_id, var.github_repository, var.alarm_email, var.vpc_cidr, var.zones, var.images, var.chat, var.match, var.database,
    var.database_auth, var.cache, var.log_days, var.archive_after_days, var.github_oidc_provider_arn, var.requests_per_address, var.verify_keys, var.secrets_version, var.fresh_secrets,
  ]
}

run "second_refusals" {
  command = plan

  variables {
    github_repository = "sixseat"
    chat              = { cpu = 512, memory = 1024, min = 3, max = 2, sockets = 5000, deploy_percent = 200 }
    match             = { cpu = 256, memory = 512, min = 3, max = 2, requests = 3000, deploy_percent = 200 }
    database          = { class = "db.t4g.small", storage = 100, max_storage = 109, multi_az = false, backup_days = 7, max_connections = 100 }
    cache             = { node_type = "cache.t4g.small", replicas = 6 }
    fresh_secrets     = { signing_keys = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", chat_cache = "0123456789abcdef0123456789abcdef", match_cache = "p@ss" }
  }

  expect_failures = [var.github_repository, var.chat, var.match, var.database, var.cache, var.fresh_secrets]
}

run "third_refusals" {
  command = plan

  variables {
    chat     = { cpu = 512, memory = 1024, min = 1, max = 2, sockets = 25000, deploy_percent = 200 }
    match    = { cpu = 256, memory = 512, min = 1, max = 2, requests = 0, deploy_percent = 200 }
    database = { class = "db.t4g.small", storage = 20, max_storage = 100, multi_az = false, backup_days = 6, max_connections = 100 }
  }

  expect_failures = [var.chat, var.match, var.database]
}

run "fourth_refusals" {
  command = plan

  variables {
    chat  = { cpu = 512, memory = 1024, min = 1, max = 2, sockets = 5000, deploy_percent = 150 }
    match = { cpu = 256, memory = 512, min = 1, max = 2, requests = 3000, deploy_percent = 300 }
  }

  expect_failures = [var.chat, var.match]
}

run "no_images" {
  command = plan

  variables {
    images = { chat = "", match = "" }
  }

  expect_failures = [aws_ecs_cluster.main]
}
