#!/bin/sh
# Backs up the SFTP server's files and host keys: backup.sh FOLDER, as root, on its machine or in its container.
# BEFORE deploy/backup.sh: a file that is taken in between is in both then, and the database knows it; the other
# way round it would be in neither. Who has the host keys can pass for the server: keep the backup like it.
set -eu
umask 077
folder=${1:?a folder for the backup}
root=${SFTP_ROOT:-/srv/kleep-sftp}
own=${SFTP_ETC:-/etc/kleep-sftp}
mkdir -p "$folder"
stamp=$(date -u +%Y-%m-%dT%H-%M-%S)
draft="$folder/.$stamp"
trap 'rm -rf "$draft"' EXIT
mkdir "$draft"
# What was written to within a minute may be half a file, which nobody could tell from a whole one later.
# tar says 1 where a file went while it was reading: taken by the portal, or by the merchant.
(cd "$root" && find . -ignore_readdir_race \( -type d -o -type f -mmin +1 \) -print0) >"$draft/.names"
tar -C "$root" --null --no-recursion --files-from="$draft/.names" -cf "$draft/sftp.tar" || [ $? -eq 1 ]
rm "$draft/.names"
(cd "$own" && tar -cf "$draft/keys.tar" -- ssh_host_* pickup_keys)
(cd "$draft" && sha256sum -- * >SHA256SUMS)
mv "$draft" "$folder/$stamp"
trap - EXIT
echo "$folder/$stamp"
