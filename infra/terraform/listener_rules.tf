# Who gets which request. AWS reads this file, and so does infra/localalb on a
# laptop and in the tests: everything that routes, times or checks health is a
# literal here. Only infrastructure (networks, certificate) is a reference. Times that
# must agree with the services' are compared in timeouts.tf.
#
#   /match, /match/*  match-service
#   /chat,  /chat/*   chat-service (REST and the WebSocket /chat/ws)
#   /                 redirect to /match/
#   anything else     404

resource "aws_lb" "main" {
  name               = local.name
  load_balancer_type = "application"
  internal           = false
  subnets            = [for s in aws_subnet.public : s.id]
  security_groups    = [aws_security_group.main["alb"].id]

  # Any byte in either direction counts. Event streams send a comment and STOMP
  # sockets a heart-beat every 10 s: well below half of this.
  idle_timeout = 60

  client_keep_alive          = 3600
  drop_invalid_header_fields = true
  desync_mitigation_mode     = "defensive"
  xff_header_processing_mode = "append"
  enable_deletion_protection = var.protected

  access_logs {
    bucket  = aws_s3_bucket.logs.id
    enabled = true
  }

  # It tries to write a log before it is made, and wants a way to the internet.
  depends_on = [aws_s3_bucket_policy.logs, aws_internet_gateway.main]
}

resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.main.arn
  port              = 80
  protocol          = "HTTP"

  default_action {
    type = "redirect"
    redirect {
      protocol    = "HTTPS"
      port        = "443"
      status_code = "HTTP_301"
    }
  }
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.main.arn
  port              = 443
  protocol          = "HTTPS"
  certificate_arn   = aws_acm_certificate_validation.main.certificate_arn
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"

  # Browsers come by HTTPS for a year, and take each answer for what it says it is.
  routing_http_response_strict_transport_security_header_value = "max-age=31536000"
  routing_http_response_x_content_type_options_header_value    = "nosniff"

  default_action {
    type = "fixed-response"
    fixed_response {
      content_type = "text/plain"
      message_body = "Nothing lives here. Sixseat is at /match/."
      status_code  = "404"
    }
  }
}

# "/chat/*" does not match "/chat" itself, so both are named.
resource "aws_lb_listener_rule" "chat" {
  listener_arn = aws_lb_listener.https.arn
  priority     = 10

  condition {
    path_pattern {
      values = ["/chat", "/chat/*"]
    }
  }

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.chat.arn
  }
}

resource "aws_lb_listener_rule" "match" {
  listener_arn = aws_lb_listener.https.arn
  priority     = 20

  condition {
    path_pattern {
      values = ["/match", "/match/*"]
    }
  }

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.match.arn
  }
}

# 302, not 301: browsers keep a 301 for ever, and what lives at / may change.
resource "aws_lb_listener_rule" "root" {
  listener_arn = aws_lb_listener.https.arn
  priority     = 30

  condition {
    path_pattern {
      values = ["/"]
    }
  }

  action {
    type = "redirect"
    redirect {
      path        = "/match/"
      status_code = "HTTP_302"
    }
  }
}

resource "aws_lb_target_group" "chat" {
  name        = "${local.name}-chat"
  port        = 8080
  protocol    = "HTTP"
  target_type = "ip" # Fargate tasks have their own addresses
  vpc_id      = aws_vpc.main.id

  # Open sockets are what loads a chat node, and each counts as outstanding.
  load_balancing_algorithm_type = "least_outstanding_requests"

  # A node learns of its draining within 5 s, goes on for 12 s more, closes its
  # sockets evenly over 60 s, and has 15 s to spare (timeouts.tf).
  deregistration_delay = 92

  health_check {
    enabled             = true
    protocol            = "HTTP"
    port                = "traffic-port"
    path                = "/chat/healthz"
    matcher             = "200"
    interval            = 5
    timeout             = 2
    healthy_threshold   = 2
    unhealthy_threshold = 2
  }
}

resource "aws_lb_target_group" "match" {
  name        = "${local.name}-match"
  port        = 8080
  protocol    = "HTTP"
  target_type = "ip"
  vpc_id      = aws_vpc.main.id

  # Requests are short and alike; event streams end after two minutes.
  load_balancing_algorithm_type = "round_robin"

  # Event streams are ended evenly over the same 60 s drain window as sockets.
  deregistration_delay = 92

  health_check {
    enabled             = true
    protocol            = "HTTP"
    port                = "traffic-port"
    path                = "/match/healthz"
    matcher             = "200"
    interval            = 5
    timeout             = 2
    healthy_threshold   = 2
    unhealthy_threshold = 2
  }
}
