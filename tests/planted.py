"""Secrets planted on purpose, and the search for them in everything that leaves or stays."""

import base64
import logging
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.contrib import admin
from django.db import connection as database
from django.test import Client
from django.urls import reverse

from kleep_portal import logs
from kleep_portal.celery import app

PART = 10  # so many characters in a row of a secret are a leak


class Planted:
    """Secrets by name, and where they were found."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        assert all(len(value) > PART for value in secrets.values())
        self.secrets = dict(secrets)
        self._traces = {
            trace: name for name, value in self.secrets.items() for trace in _traces(value)
        }

    def found_in(self, content: str | bytes) -> set[str]:
        """Names of the secrets of which a part stands in `content`, in clear, encoded or turned around."""
        raw = content.encode() if isinstance(content, str) else content
        return {name for trace, name in self._traces.items() if trace in raw}

    def found_in_folder(self, folder: Path) -> dict[str, set[str]]:
        """The same for every file, its name included, below `folder`."""
        files = [path for path in folder.rglob("*") if path.is_file()]
        assert files
        found = {
            str(path): self.found_in(path.read_bytes()) | self.found_in(str(path)) for path in files
        }
        return {path: names for path, names in found.items() if names}


def _traces(value: str) -> Iterator[bytes]:
    raw = value.encode()
    spellings = [raw, raw[::-1], quote(value, safe="").encode(), raw.hex().encode()]
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + raw)
        spellings.append(encoded[4:-4])
    for spelling in spellings:
        if len(spelling) >= PART:
            yield spelling[:PART]
            yield spelling[-PART:]
            yield spelling[len(spelling) // 2 - PART // 2 :][:PART]


@contextmanager
def everything_logged() -> Iterator[StringIO]:
    """All loggers at DEBUG, the talkative ones too, in both of our formats."""
    stream, handlers = StringIO(), []
    loggers = [logging.getLogger(name) for name in ("", *logs.TALKATIVE, "connectors", "celery")]
    levels = [logger.level for logger in loggers]
    for pretty in (True, False):
        handler = logging.StreamHandler(stream)
        handler.setFormatter(logs.Formatter(pretty=pretty))
        logging.getLogger().addHandler(handler)
        handlers.append(handler)
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    try:
        yield stream
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
        for handler in handlers:
            logging.getLogger().removeHandler(handler)


def database_dump() -> str:
    """Every row of every table, as the database gives them."""
    rows: list[str] = []
    with database.cursor() as cursor:
        for table in database.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {database.ops.quote_name(table)}")
            rows += [f"{table} {row}" for row in cursor.fetchall()]
    return "\n".join(rows)


def database_files() -> Iterable[Path]:
    """The files of the SQLite database; none where it is a server's."""
    if database.vendor != "sqlite":
        return []
    path = Path(str(database.settings_dict["NAME"]))
    return [file for file in path.parent.glob(f"{path.name}*") if file.stat().st_size]


def database_url() -> str:
    """The database of the tests, for a process of its own."""
    name = str(database.settings_dict["NAME"])
    if database.vendor == "sqlite":
        return f"sqlite:///{name}"
    return os.environ["DATABASE_URL"].replace("/postgres?", f"/{name}?")


def admin_pages(staff: Client, *, rows: int = 3) -> Iterator[tuple[str, bytes]]:
    """Each list of the admin and its newest rows, by name."""
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        listed = staff.get(reverse(f"{name}_changelist"))
        assert listed.status_code == 200, name
        yield name, listed.content
        for row in model._default_manager.order_by("-pk")[:rows]:
            page = staff.get(reverse(f"{name}_change", args=[row.pk]))
            assert page.status_code == 200, name
            yield f"{name} {row.pk}", page.content


def forget_all_tasks() -> None:
    """What other tests left in the broker."""
    with app.connection_for_read() as broker:
        broker.default_channel.client.flushdb()


def broker_dump() -> bytes:
    """Every key and value in the broker and in the cache."""
    from redis import Redis

    with app.connection_for_read() as broker:
        clients: list[Redis] = [broker.default_channel.client]
        clients.append(Redis.from_url(settings.CACHES["default"]["LOCATION"]))
        pieces = [_content(client, key) for client in clients for key in client.keys("*")]
        clients[1].close()
    return b"\n".join(pieces)


def _content(client: "Redis", key: bytes) -> bytes:  # noqa: F821 (imported where it is needed)
    kind = client.type(key).decode()
    readers = {
        "string": lambda: [client.get(key)],
        "list": lambda: client.lrange(key, 0, -1),
        "hash": lambda: [part for pair in client.hgetall(key).items() for part in pair],
        "set": lambda: client.smembers(key),
        "zset": lambda: client.zrange(key, 0, -1),
    }
    return b" ".join([key, *readers[kind]()])
