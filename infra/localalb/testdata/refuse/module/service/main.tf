resource "aws_ecs_service" "this" {
  name = var.name
}

resource "aws_alb_target_group" "this" {
  port = 8080
}

module "inner" {
  source = "./inner"
}

module "again" {
  source = "../service"
}
