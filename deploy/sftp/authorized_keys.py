"""Prints the public keys of one SFTP user, for OpenSSH's AuthorizedKeysCommand.

    authorized_keys.py FILE USER

FILE holds the URL of the portal's database, of a role that may read these two tables alone. Runs at every
log-in, so it loads no Django. Whatever fails, prints nothing: nobody is let in then.
"""

import sqlite3
import sys
from pathlib import Path

QUERY = """
    SELECT key.line FROM onboarding_sftpkey AS key
    JOIN onboarding_sftpaccount AS account ON account.id = key.account_id
    WHERE account.username = {mark} ORDER BY key.id
"""
SECONDS = 5


def lines(url: str, user: str) -> list[str]:
    if url.startswith("sqlite:///"):
        path = url.removeprefix("sqlite:///")
        database = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=SECONDS)
        found = database.execute(QUERY.format(mark="?"), [user]).fetchall()
        database.close()
    else:
        import psycopg  # loaded where it is used: it takes longer than all the rest

        with psycopg.connect(url, connect_timeout=SECONDS) as connection:
            connection.execute(f"SET statement_timeout = '{SECONDS}s'")
            found = connection.execute(QUERY.format(mark="%s"), [user]).fetchall()
    return [str(line) for (line,) in found]


def main(arguments: list[str]) -> int:
    file, user = arguments
    for line in lines(Path(file).read_text(encoding="utf-8").strip(), user):
        print(f"restrict {line}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
