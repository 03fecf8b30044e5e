"""COPY of a CSV into a temporary table and INSERT ... ON CONFLICT into the portal's own, unchecked.

In blocks, each in a transaction of its own, as the portal does it: the whole file at once was slower.
"""

import sys
from pathlib import Path

import psycopg

BLOCK = 4 << 20
KEY = ("return_id", "line_id")


def main(conninfo: str, path: str) -> None:
    with psycopg.connect(conninfo) as database, Path(path).open("rb") as stream:
        header = stream.readline().decode().strip().split(",")
        names = ["remote_updated_at" if name == "updated_at" else name for name in header]
        columns = ", ".join(names)
        changes = ", ".join(f"{name} = excluded.{name}" for name in names if name not in KEY)
        merge = (
            f"INSERT INTO data_returns (connection_id, scope, origin, source, seen_at, {columns})"
            f" SELECT id, '', 'file', 'file', now(), {columns} FROM incoming,"
            " (SELECT id FROM connectors_connection LIMIT 1) AS mine"
            f" ON CONFLICT (connection_id, scope, {', '.join(KEY)}) DO UPDATE SET {changes}"
        )
        while lines := stream.read(BLOCK):
            lines += stream.readline()
            database.execute(
                "CREATE TEMPORARY TABLE incoming ON COMMIT DROP"
                f" AS SELECT {columns} FROM data_returns WITH NO DATA"
            )
            copy = f"COPY incoming ({columns}) FROM STDIN (FORMAT csv)"
            with database.cursor() as cursor, cursor.copy(copy) as into:
                into.write(lines)
            database.execute(merge)
            database.commit()


if __name__ == "__main__":
    main(*sys.argv[1:])
