#!/bin/sh
# Backs the portal up: backup.sh FOLDER. Needs DATABASE_URL (PostgreSQL) and PORTAL_VAR, as the portal does.
# The keys (ENCRYPTION_KEYS, PSEUDONYM_KEY, SECRET_KEY) are not in it: keep them elsewhere.
set -eu
umask 077
folder=${1:?a folder for the backup}
: "${DATABASE_URL:?}" "${PORTAL_VAR:?}"
mkdir -p "$folder"
stamp=$(date -u +%Y-%m-%dT%H-%M-%S)
draft="$folder/.$stamp"
trap 'rm -rf "$draft"' EXIT
mkdir "$draft"
# libpq knows no conn_max_age: what follows the question mark is Django's, but for a socket's folder.
url=$(printf %s "$DATABASE_URL" | sed -E 's/([?&])(conn_max_age|conn_health_checks)=[^&]*/\1/g; s/[?&]+$//; s/\?&/?/')
pg_dump --format=custom --no-owner --file "$draft/database.dump" "$url"
if [ -d "$PORTAL_VAR/files" ]; then tar -C "$PORTAL_VAR" -cf "$draft/files.tar" files; fi
(cd "$draft" && sha256sum -- * >SHA256SUMS)
mv "$draft" "$folder/$stamp"
trap - EXIT
echo "$folder/$stamp"
