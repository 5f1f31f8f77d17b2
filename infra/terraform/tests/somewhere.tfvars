# Who and where, for the tests: nobody and nowhere.
environment       = "somewhere"
region            = "eu-central-1"
domain_name       = "sixseat.example.com"
hosted_zone_id    = "Z0123456789ABC"
github_repository = "sixseat@1/sixseat@2"
alarm_email       = "on-call@example.com"

images = {
  chat  = "example/chat-service@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
  match = "example/match-service@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
}

fresh_secrets = {
  signing_keys = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
  chat_cache   = "0123456789abcdef0123456789abcdef"
  match_cache  = "0123456789abcdef0123456789abcdef"
}
