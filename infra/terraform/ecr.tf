# The services' images. A tag, once pushed, means the same image for ever.

resource "aws_ecr_repository" "main" {
  for_each             = local.services
  name                 = "${local.name}/${each.key}-service"
  image_tag_mutability = "IMMUTABLE"

  image_scanning_configuration {
    scan_on_push = true
  }

  encryption_configuration {
    encryption_type = "AES256"
  }
}

resource "aws_ecr_lifecycle_policy" "main" {
  for_each   = local.services
  repository = aws_ecr_repository.main[each.key].name

  policy = jsonencode({
    rules = [
      # The parts of a release (one per platform, SBOM, provenance) have no tag either; ECR
      # keeps them for as long as the release that names them.
      {
        rulePriority = 1
        description  = "what has no tag"
        selection    = { tagStatus = "untagged", countType = "sinceImagePushed", countUnit = "days", countNumber = 7 }
        action       = { type = "expire" }
      },
      {
        rulePriority = 2
        description  = "the last 50 releases are what a rollback may want"
        selection    = { tagStatus = "tagged", tagPatternList = ["*"], countType = "imageCountMoreThan", countNumber = 50 }
        action       = { type = "expire" }
      },
    ]
  })
}
