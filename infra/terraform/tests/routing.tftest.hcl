# Who gets which request; what the requests then get, infra/localalb tries.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "routing" {
  command = plan

  assert {
    condition     = one(aws_lb_listener.http.default_action).redirect[0].protocol == "HTTPS" && one(aws_lb_listener.http.default_action).redirect[0].status_code == "HTTP_301"
    error_message = "Plain HTTP must be sent to HTTPS."
  }

  assert {
    condition     = aws_lb_listener.https.protocol == "HTTPS" && startswith(aws_lb_listener.https.ssl_policy, "ELBSecurityPolicy-TLS13")
    error_message = "The site must speak TLS 1.2 or 1.3 and nothing older."
  }

  assert {
    condition     = startswith(aws_lb_listener.https.routing_http_response_strict_transport_security_header_value, "max-age=") && aws_lb_listener.https.routing_http_response_x_content_type_options_header_value == "nosniff"
    error_message = "Browsers must be told to come by HTTPS, and to take each answer for what it says it is."
  }

  assert {
    condition     = one(aws_lb_listener.https.default_action).fixed_response[0].status_code == "404"
    error_message = "What no rule names must be 404."
  }

  assert {
    condition = [for r in [aws_lb_listener_rule.chat, aws_lb_listener_rule.match, aws_lb_listener_rule.root] :
      "${r.priority} ${join(" ", sort(one(one(r.condition).path_pattern).values))}"
    ] == ["10 /chat /chat/*", "20 /match /match/*", "30 /"]
    error_message = "/chat is the first rule, /match the second, / the third."
  }

  assert {
    condition     = one(aws_lb_listener_rule.root.action).redirect[0].path == "/match/"
    error_message = "/ must lead to /match/."
  }

  assert {
    condition     = aws_lb_target_group.chat.health_check[0].path == "/chat/healthz" && aws_lb_target_group.match.health_check[0].path == "/match/healthz"
    error_message = "Health is asked where the services answer it."
  }

  assert {
    condition     = aws_lb.main.internal == false && aws_lb.main.drop_invalid_header_fields && aws_lb.main.access_logs[0].enabled
    error_message = "The load balancer is public, drops bad header names and keeps an access log."
  }

  assert {
    condition     = [for r in aws_wafv2_web_acl.main.rule : r.statement[0].rate_based_statement[0].limit if r.name == "rate"] == [var.requests_per_address]
    error_message = "The firewall must bound requests per address."
  }

  assert {
    condition     = toset(flatten([for r in aws_wafv2_web_acl.main.rule : r.statement[0].managed_rule_group_statement[*].name])) == toset(["AWSManagedRulesAmazonIpReputationList", "AWSManagedRulesKnownBadInputsRuleSet"])
    error_message = "The firewall must know bad addresses and bad requests."
  }

  assert {
    condition     = aws_wafv2_web_acl_association.main.resource_arn == aws_lb.main.arn && aws_wafv2_web_acl_association.main.web_acl_arn == aws_wafv2_web_acl.main.arn && aws_wafv2_web_acl_logging_configuration.main.log_destination_configs == toset([aws_cloudwatch_log_group.main["firewall"].arn])
    error_message = "The firewall must stand before the load balancer and say what it turned away."
  }

  assert {
    condition     = strcontains(aws_s3_bucket_policy.logs.policy, "logdelivery.elasticloadbalancing.amazonaws.com") && aws_lb.main.access_logs[0].bucket == aws_s3_bucket.logs.id
    error_message = "The load balancer must be let to write its access log."
  }

  assert {
    condition     = aws_route53_record.site.name == var.domain_name && aws_acm_certificate.main.domain_name == var.domain_name && aws_acm_certificate.main.validation_method == "DNS"
    error_message = "Name and certificate must be the site's."
  }
}
