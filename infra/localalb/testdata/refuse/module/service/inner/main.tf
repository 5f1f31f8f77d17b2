resource "aws_lb_listener_rule" "this" {
  priority = 1
}
