#!/bin/bash
# A database and a user for each service, as RDS has an instance for each: neither can
# read what is the other's. It runs once, when the data folder is made.
set -euo pipefail
for service in chat match; do
  password="${service^^}_DATABASE_PASSWORD"
  # The password is a variable of psql, not of the shell: whatever it holds is quoted.
  psql -v ON_ERROR_STOP=1 --quiet --username "$POSTGRES_USER" --dbname postgres \
    -v service="$service" -v password="${!password:?must be set}" <<'SQL'
CREATE ROLE :"service" LOGIN PASSWORD :'password';
CREATE DATABASE :"service" OWNER :"service";
REVOKE CONNECT, TEMPORARY ON DATABASE :"service" FROM PUBLIC;
SQL
done
