module "chat" {
  source = "./service"
}

module "elsewhere" {
  source = "terraform-aws-modules/vpc/aws"
}

module "json" {
  source = "./json"
}
