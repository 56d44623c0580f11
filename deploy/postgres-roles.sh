#!/bin/sh
# Run once by the postgres image, on an empty data folder. On a server of your own, run these statements as its administrator.
set -eu
psql --set ON_ERROR_STOP=1 --set owner="$OWNER_PASSWORD" --set app="$APP_PASSWORD" --username "$POSTGRES_USER" <<'SQL'
CREATE ROLE coachwatts_app NOLOGIN;
CREATE ROLE coachwatts_owner LOGIN PASSWORD :'owner' IN ROLE coachwatts_app;
CREATE ROLE coachwatts_api LOGIN PASSWORD :'app' IN ROLE coachwatts_app;
CREATE DATABASE coachwatts OWNER coachwatts_owner;
REVOKE ALL ON DATABASE coachwatts FROM PUBLIC;
GRANT CONNECT ON DATABASE coachwatts TO coachwatts_app;
SQL
