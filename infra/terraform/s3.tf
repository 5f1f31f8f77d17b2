# Two buckets: `files` for members' pictures, which chat-service alone may reach, and old
# rooms' transcripts, `logs` for the load balancer's access log.

resource "aws_s3_bucket" "files" {
  bucket = "${local.name}-files-${local.account}"
}

resource "aws_s3_bucket" "logs" {
  bucket = "${local.name}-logs-${local.account}"
}

locals {
  buckets = {
    files = { id = aws_s3_bucket.files.id, arn = aws_s3_bucket.files.arn }
    logs  = { id = aws_s3_bucket.logs.id, arn = aws_s3_bucket.logs.arn }
  }

  tls_only = { for name, bucket in local.buckets : name => {
    Sid       = "TLSOnly"
    Effect    = "Deny"
    Principal = "*"
    Action    = "s3:*"
    Resource  = [bucket.arn, "${bucket.arn}/*"]
    Condition = { Bool = { "aws:SecureTransport" = "false" } }
  } }
}

resource "aws_s3_bucket_public_access_block" "main" {
  for_each                = local.buckets
  bucket                  = each.value.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "main" {
  for_each = local.buckets
  bucket   = each.value.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "files" {
  bucket = aws_s3_bucket.files.id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.main["data"].arn
    }
  }
}

# The load balancer cannot write with a key of ours.
resource "aws_s3_bucket_server_side_encryption_configuration" "logs" {
  bucket = aws_s3_bucket.logs.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_versioning" "files" {
  bucket = aws_s3_bucket.files.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "files" {
  bucket = aws_s3_bucket.files.id

  rule {
    id     = "unfinished"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }

  # What was uploaded and never sent: chat-service keeps a picture that was sent below
  # pictures/, and nobody asks for its upload again. No rule may remove what lies there: only
  # chat-service can tell which of it messages show, and removes the rest (internal/orphans).
  rule {
    id     = "uploads"
    status = "Enabled"

    filter {
      prefix = "uploads/"
    }

    expiration {
      days = 1
    }

    noncurrent_version_expiration {
      noncurrent_days = 1
    }
  }

  rule {
    id     = "delete-markers"
    status = "Enabled"

    filter {}

    expiration {
      expired_object_delete_marker = true # all that is left of an upload in the end
    }
  }

  rule {
    id     = "old-versions"
    status = "Enabled"

    filter {
      prefix = "pictures/"
    }

    noncurrent_version_expiration {
      noncurrent_days = 30
    }
  }

  # Transcripts are all that is left of silent rooms: they are written once, hardly read, and
  # have no end.
  rule {
    id     = "transcripts"
    status = "Enabled"

    filter {
      prefix = "transcripts/"
    }

    transition {
      days          = 30
      storage_class = "STANDARD_IA"
    }

    # Nothing of ours makes older versions. Who did may be noticed when somebody reads.
    noncurrent_version_expiration {
      noncurrent_days = 365
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "logs" {
  bucket = aws_s3_bucket.logs.id

  rule {
    id     = "expire"
    status = "Enabled"

    filter {}

    expiration {
      days = var.log_days
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }
}

# The page uploads to the bucket and shows from it, with signed URLs.
resource "aws_s3_bucket_cors_configuration" "files" {
  bucket = aws_s3_bucket.files.id

  cors_rule {
    allowed_origins = ["https://${var.domain_name}"]
    allowed_methods = ["GET", "PUT"]
    allowed_headers = ["content-type", "if-none-match"]
    max_age_seconds = 3600
  }
}

# What chat-service does with pictures and transcripts. Without ListBucket S3 says 403 of
# what is not there, where chat-service must tell the two apart.
locals {
  files_policy = [
    { Effect = "Allow", Action = ["s3:GetObject", "s3:PutObject"], Resource = ["${aws_s3_bucket.files.arn}/uploads/*", "${aws_s3_bucket.files.arn}/pictures/*", "${aws_s3_bucket.files.arn}/transcripts/*"] },
    { Effect = "Allow", Action = ["s3:DeleteObject"], Resource = ["${aws_s3_bucket.files.arn}/pictures/*"] },
    { Effect = "Allow", Action = ["s3:ListBucket"], Resource = [aws_s3_bucket.files.arn] },
    { Effect = "Allow", Action = ["kms:Decrypt", "kms:GenerateDataKey"], Resource = [aws_kms_key.main["data"].arn] },
  ]

  files_actions = sort(distinct([for action in flatten(local.files_policy[*].Action) : action if startswith(action, "s3:")]))
}

resource "aws_s3_bucket_policy" "files" {
  bucket = aws_s3_bucket.files.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [local.tls_only.files] })

  depends_on = [aws_s3_bucket_public_access_block.main] # S3 refuses two such changes of a bucket at once
}

resource "aws_s3_bucket_policy" "logs" {
  bucket = aws_s3_bucket.logs.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      local.tls_only.logs,
      {
        Sid       = "LoadBalancer"
        Effect    = "Allow"
        Principal = { Service = "logdelivery.elasticloadbalancing.amazonaws.com" }
        Action    = "s3:PutObject"
        Resource  = "${aws_s3_bucket.logs.arn}/AWSLogs/${local.account}/*"
        Condition = { ArnLike = { "aws:SourceArn" = "${local.arn}:elasticloadbalancing:${var.region}:${local.account}:loadbalancer/app/${local.name}/*" } }
      },
    ]
  })

  depends_on = [aws_s3_bucket_public_access_block.main]
}
