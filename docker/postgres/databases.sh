#!/bin/bash
# A database and a user for each service, as RDS has an instance for each: neither can
# read what is the other's. It runs once, when the data folder is made.
set -euo pipefail
for service in chat match; do
  password="${service^^}_DATABASE_PASSWORD"
  : "${!password:?must be set}"
  # psql reads the password itself: no command line shows it, and whatever it holds is quoted.
  psql -v ON_ERROR_STOP=1 --quiet --username "$POSTGRES_USER" --dbname postgres -v service="$service" \
    -v variable="$password" <<'SQL'
\getenv password :variable
CREATE ROLE :"service" LOGIN PASSWORD :'password';
CREATE DATABASE :"service" OWNER :"service";
REVOKE CONNECT, TEMPORARY ON DATABASE :"service" FROM PUBLIC;
SQL
done
