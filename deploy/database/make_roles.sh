#!/bin/sh
# Makes the roles of the database and gives them the passwords that the service `secrets` made. PostgreSQL's image runs
# it when it makes the cluster; after a password was changed, or in a cluster made by something else, run it by hand.
# Safe to repeat.
#
#   safeguarding_owner   owns the tables and migrates them; used by the service `migrate` alone
#   safeguarding_app     reads and writes rows and owns nothing; used by web, worker and beat
#   safeguarding_backup  reads everything and writes nothing; used by pg_dump
set -eu

ask() {
    psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username postgres --dbname safeguarding "$@"
}

for role in owner app backup; do
    ask --set role="safeguarding_$role" --set file="/secrets/database/$role-password" <<'SQL'
\set password `cat :'file'`
SELECT format('CREATE ROLE %I', :'role') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'role') \gexec
ALTER ROLE :"role" WITH LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD :'password';
SQL
done

ask <<'SQL'
ALTER DATABASE safeguarding OWNER TO safeguarding_owner;
REVOKE ALL ON DATABASE safeguarding FROM PUBLIC;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT CONNECT ON DATABASE safeguarding TO safeguarding_app, safeguarding_backup;
GRANT pg_read_all_data TO safeguarding_backup;
ALTER ROLE safeguarding_backup SET default_transaction_read_only = on;
SQL
ask --file /deploy/database-rights.sql
