# Who may reach whom. Each line of `reach` opens one port from one group to another,
# on both sides; nothing else is open. The picture in ../README.md shows the same
# lines, and a test compares.

locals {
  reach = {
    internet_http  = { from = "internet", to = "alb", port = 80 } # only to be redirected
    internet_https = { from = "internet", to = "alb", port = 443 }

    alb_chat  = { from = "alb", to = "chat", port = 8080 }
    alb_match = { from = "alb", to = "match", port = 8080 }

    chat_keys = { from = "chat", to = "match", port = 8080 } # public keys: JWKS_URL

    chat_database  = { from = "chat", to = "chat_db", port = 5432 }
    match_database = { from = "match", to = "match_db", port = 5432 }

    chat_cache  = { from = "chat", to = "cache", port = 6379 }
    match_cache = { from = "match", to = "cache", port = 6379 }

    chat_aws  = { from = "chat", to = "endpoints", port = 443 }
    match_aws = { from = "match", to = "endpoints", port = 443 }

    chat_s3  = { from = "chat", to = "s3", port = 443 } # image layers
    match_s3 = { from = "match", to = "s3", port = 443 }
  }

  # Ends that are no security group of ours.
  outside = ["internet", "s3"]
  groups  = toset([for end in distinct(flatten([for r in local.reach : [r.from, r.to]])) : end if !contains(local.outside, end)])
}

resource "aws_security_group" "main" {
  for_each    = local.groups
  name_prefix = "${local.name}-${replace(each.key, "_", "-")}-" # a replacement is made beside the old one
  description = "Sixseat: ${each.key}"
  vpc_id      = aws_vpc.main.id
  tags        = { Name = "${local.name}-${replace(each.key, "_", "-")}" }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "main" {
  for_each                     = { for name, r in local.reach : name => r if contains(local.groups, r.to) }
  description                  = "${each.value.from} to ${each.value.to}"
  security_group_id            = aws_security_group.main[each.value.to].id
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
  cidr_ipv4                    = each.value.from == "internet" ? "0.0.0.0/0" : null
  referenced_security_group_id = each.value.from == "internet" ? null : aws_security_group.main[each.value.from].id
}

resource "aws_vpc_security_group_egress_rule" "main" {
  for_each                     = { for name, r in local.reach : name => r if contains(local.groups, r.from) }
  description                  = "${each.value.from} to ${each.value.to}"
  security_group_id            = aws_security_group.main[each.value.from].id
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
  prefix_list_id               = each.value.to == "s3" ? aws_vpc_endpoint.s3.prefix_list_id : null
  referenced_security_group_id = each.value.to == "s3" ? null : aws_security_group.main[each.value.to].id
}

# What AWS puts a thing into when nobody says: nothing gets in or out.
resource "aws_default_security_group" "none" {
  vpc_id  = aws_vpc.main.id
  ingress = []
  egress  = []
}
