# One node of each service, as the system begins: tests, a club, a first week.
zones    = 2
log_days = 14

chat = {
  cpu            = 512
  memory         = 1024
  min            = 1
  max            = 2
  sockets        = 5000
  deploy_percent = 200
}

match = {
  cpu            = 256
  memory         = 512
  min            = 1
  max            = 2
  requests       = 3000
  deploy_percent = 200
}

database = {
  class           = "db.t4g.small"
  storage         = 20
  max_storage     = 100
  multi_az        = false
  backup_days     = 7
  max_connections = 100
}

cache = {
  node_type = "cache.t4g.small"
  replicas  = 0
}

protected = false
