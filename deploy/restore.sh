#!/bin/sh
# Puts a backup back: restore.sh FOLDER/STAMP, into an EMPTY database. Stop web, workers and beat first.
# Afterwards start them: every pull goes on from the cursor that the backup holds, and repeats what came since.
set -eu
umask 077
backup=${1:?the folder of one backup}
: "${DATABASE_URL:?}" "${PORTAL_VAR:?}"
(cd "$backup" && sha256sum --check --quiet SHA256SUMS)
url=$(printf %s "$DATABASE_URL" | sed -E 's/([?&])(conn_max_age|conn_health_checks)=[^&]*/\1/g; s/[?&]+$//; s/\?&/?/')
tables=$(psql --no-psqlrc -Atc "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'" "$url")
[ "$tables" = 0 ] || { echo "The database is not empty ($tables tables): nothing was changed." >&2; exit 1; }
pg_restore --no-owner --exit-on-error --single-transaction --dbname "$url" "$backup/database.dump"
if [ -f "$backup/files.tar" ]; then mkdir -p "$PORTAL_VAR" && tar -C "$PORTAL_VAR" -xf "$backup/files.tar"; fi
