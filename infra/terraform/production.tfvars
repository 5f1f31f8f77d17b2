# Every part survives the loss of a zone.
zones    = 3
log_days = 90

chat = {
  cpu            = 1024
  memory         = 2048
  min            = 2
  max            = 8
  sockets        = 20000
  deploy_percent = 150 # one node's sockets at a time
}

match = {
  cpu            = 512
  memory         = 1024
  min            = 2
  max            = 6
  requests       = 6000
  deploy_percent = 200
}

database = {
  class           = "db.m7g.large"
  storage         = 100
  max_storage     = 1000
  multi_az        = true
  backup_days     = 30
  max_connections = 400
}

cache = {
  node_type = "cache.m7g.large"
  replicas  = 1
}

protected = true
