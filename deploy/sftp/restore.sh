#!/bin/sh
# Puts a backup of the SFTP server back: restore.sh FOLDER/STAMP, as root, where no file lies yet. Provision the
# users first (docs/sftp.md): files go to those of their names, whatever their numbers. Restart sshd afterwards.
set -eu
umask 077
backup=${1:?the folder of one backup}
root=${SFTP_ROOT:-/srv/kleep-sftp}
own=${SFTP_ETC:-/etc/kleep-sftp}
(cd "$backup" && sha256sum --check --quiet SHA256SUMS)
there=$(find "$root" -type f -print -quit)
[ -z "$there" ] || { echo "Files lie there already ($there): nothing was changed." >&2; exit 1; }
# A name that nobody has would become a number, which may be another merchant's here.
for owner in $(tar -tvf "$backup/sftp.tar" | awk '{print $2}' | sort -u); do
    case $owner in [0-9]* | */[0-9]*) known=no ;; *) known=yes ;; esac
    getent passwd "${owner%/*}" >/dev/null && getent group "${owner#*/}" >/dev/null || known=no
    [ $known = yes ] || { echo "Nobody here is $owner: provision first. Nothing was changed." >&2; exit 1; }
done
tar -C "$own" --same-permissions -xf "$backup/keys.tar"
tar -C "$root" --same-permissions --same-owner -xf "$backup/sftp.tar"
