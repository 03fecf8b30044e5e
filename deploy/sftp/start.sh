#!/bin/sh
# The sshd service of deploy/compose.yaml: keys at the first start, users and folders every few minutes, the server.
# SFTP_DATABASE_URL: of a role that may read the two tables of keys alone (docs/sftp.md).
set -eu
own=/etc/kleep-sftp
kept=$own/accounts
root=/srv/kleep-sftp
portal="setpriv --reuid=portal --regid=portal --clear-groups"
mkdir -p "$kept" "$root" /run/sshd
cp /srv/portal/deploy/sftp/sshd_config "$own/sshd_config"

[ -e "$own/ssh_host_ed25519_key" ] || ssh-keygen -q -t ed25519 -N '' -f "$own/ssh_host_ed25519_key"
[ -e "$own/ssh_host_rsa_key" ] || ssh-keygen -q -t rsa -b 3072 -N '' -f "$own/ssh_host_rsa_key"
[ -e /etc/kleep-pickup/key ] || ssh-keygen -q -t ed25519 -N '' -f /etc/kleep-pickup/key
chown portal /etc/kleep-pickup/key
cp /etc/kleep-pickup/key.pub "$own/pickup_keys"
(umask 077 && printf '%s\n' "$SFTP_DATABASE_URL" > "$own/database")
chown kleep-keys "$own/database"

# A new container knows no users, and the files belong to their numbers: those who were there get theirs again.
for file in passwd shadow group gshadow; do
    [ -e "$kept/$file" ] || continue
    while IFS= read -r line; do
        grep -q "^${line%%:*}:" "/etc/$file" || printf '%s\n' "$line" >> "/etc/$file"
    done < "$kept/$file"
done

provision() {
    $portal python manage.py sftp_accounts > /run/accounts && python deploy/sftp/provision.py "$root" < /run/accounts
    for file in passwd shadow group gshadow; do
        (umask 077 && grep -E '^kleep(_|-sftp|-pickup)' "/etc/$file" > "$kept/$file.new") || true
        mv "$kept/$file.new" "$kept/$file"
    done
}
provision || true  # the portal does not answer yet: whoever has keys already may come in
(while sleep 300; do provision || echo "users and folders could not be renewed" >&2; done) &
# The server starts without the portal's settings: only what provisions needs them.
exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin /usr/sbin/sshd -D -e -f "$own/sshd_config"
