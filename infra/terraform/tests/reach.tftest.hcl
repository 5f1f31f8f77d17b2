# Who may reach whom, and that the picture in ../README.md shows just that.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "reach" {
  command = plan

  assert {
    condition     = toset([for r in local.reach : r.to if r.from == "internet"]) == toset(["alb"])
    error_message = "Only the load balancer may be reached from the internet."
  }

  assert {
    condition     = toset([for r in local.reach : r.from if r.to == "chat"]) == toset(["alb"]) && toset([for r in local.reach : r.from if r.to == "match"]) == toset(["alb", "chat"])
    error_message = "Services are reached by the load balancer, and match-service by chat-service for its keys."
  }

  assert {
    condition     = [for r in local.reach : r.from if r.to == "chat_db"] == ["chat"] && [for r in local.reach : r.from if r.to == "match_db"] == ["match"]
    error_message = "A database is for its own service alone."
  }

  assert {
    condition     = alltrue([for r in local.reach : r.to != "internet" && !contains(["chat_db", "match_db", "cache", "endpoints"], r.from)])
    error_message = "Nobody may reach out to the internet, and stores begin no conversation."
  }

  assert {
    condition     = alltrue([for r in local.reach : r.port != 8081])
    error_message = "The admin port is for nobody."
  }

  # The rules are what the lines say: same ports, TCP, addresses only for the internet.
  assert {
    condition = { for k, r in aws_vpc_security_group_ingress_rule.main : k => [r.from_port, r.to_port, r.ip_protocol, r.cidr_ipv4] } == {
      for k, r in local.reach : k => [r.port, r.port, "tcp", r.from == "internet" ? "0.0.0.0/0" : null] if r.to != "s3"
    }
    error_message = "Ingress rules differ from local.reach."
  }

  assert {
    condition     = alltrue([for r in values(aws_vpc_security_group_egress_rule.main) : r.cidr_ipv4 == null && r.cidr_ipv6 == null]) && toset(keys(aws_vpc_security_group_egress_rule.main)) == toset([for k, r in local.reach : k if r.from != "internet"])
    error_message = "Egress goes to security groups and S3, never to addresses."
  }

  assert {
    condition     = length(aws_default_security_group.none.ingress) == 0 && length(aws_default_security_group.none.egress) == 0
    error_message = "The default security group must let nothing through."
  }

  assert {
    condition = toset([for arrow in regexall("(\\w+) -->\\|(\\d+)\\| (\\w+)", file("${path.module}/../README.md")) : join(" ", arrow)]) == toset([
      for r in local.reach : "${r.from} ${r.port} ${r.to}"
    ])
    error_message = "The arrows of the picture in infra/README.md differ from local.reach in security_groups.tf: ${jsonencode(setsubtract([for r in local.reach : "${r.from} -->|${r.port}| ${r.to}"], [for a in regexall("(\\w+ -->\\|\\d+\\| \\w+)", file("${path.module}/../README.md")) : a[0]]))} should be drawn."
  }

  # The name by which chat-service finds match-service, and the tasks behind it.
  assert {
    condition     = one([for e in jsondecode(module.chat.container)[0].environment : e.value if e.name == "JWKS_URL"]) == "http://match.sixseat-somewhere.internal:8080/match/.well-known/jwks.json" && one(aws_service_discovery_service.match.health_check_custom_config).failure_threshold == 1
    error_message = "chat-service must find match-service's keys, and ECS say which of its tasks run."
  }

  # And through the endpoints: our own account, and of S3 only image layers and our own files.
  assert {
    condition     = alltrue([for e in values(aws_vpc_endpoint.aws) : jsondecode(e.policy).Statement[0].Condition.StringEquals["aws:PrincipalAccount"] == local.account]) && jsondecode(aws_vpc_endpoint.s3.policy).Statement[0].Action == "s3:GetObject" && jsondecode(aws_vpc_endpoint.s3.policy).Statement[1].Resource == [aws_s3_bucket.files.arn, "${aws_s3_bucket.files.arn}/*"] && jsondecode(aws_vpc_endpoint.s3.policy).Statement[1].Condition.StringEquals["aws:PrincipalAccount"] == local.account && length(jsondecode(aws_vpc_endpoint.s3.policy).Statement) == 2
    error_message = "An endpoint lets strangers' credentials through, or leads to buckets of others."
  }

  # Tasks have no other way to S3.
  assert {
    condition     = toset(jsondecode(aws_vpc_endpoint.s3.policy).Statement[1].Action) == toset([for action in flatten([for s in jsondecode(module.chat.task_policy).Statement : s.Action]) : action if startswith(action, "s3:")])
    error_message = "The endpoint of S3 lets other calls through than chat-service's role may make."
  }

  assert {
    condition     = alltrue([for s in concat(values(aws_subnet.public), values(aws_subnet.private), values(aws_subnet.data)) : s.map_public_ip_on_launch != true]) && length(setintersection(local.zones, keys(aws_subnet.data))) == var.zones
    error_message = "No subnet gives out public addresses, and each zone has all three."
  }

  assert {
    condition     = !module.chat.deployment.public_address && !module.match.deployment.public_address && !aws_db_instance.main["chat"].publicly_accessible && !aws_db_instance.main["match"].publicly_accessible
    error_message = "Tasks and databases have no public address."
  }
}
