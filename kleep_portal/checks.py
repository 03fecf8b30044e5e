"""Django system checks: settings that must not reach production.

They run with every management command; web servers and Celery processes call refuse_unsafe_settings().
Those that work on shops run ours alone: Django's own load every view of the portal, which takes longer than
many a pull and as much memory again.
Production means DEBUG off; with DEBUG on, the portal keeps to this machine.
"""

import stat
from collections.abc import Iterator
from io import StringIO
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.management import call_command
from django.core.management.base import SystemCheckError

OURS = "kleep"  # the tag of all checks of this repository
SHORTEST_KEY = 32  # characters
REQUEST_SECONDS = 180  # one request to a shop may take so long; a slice ends after the one it is in


def refuse_unsafe_settings(*, everything: bool = False) -> None:
    """For processes that no management command starts. Raises SystemExit, with what is wrong.

    `everything`: Django's own checks, too.
    """
    try:
        call_command("check", tags=None if everything else [OURS], stdout=StringIO())
    except SystemCheckError as error:
        raise SystemExit(str(error)) from None


@register(Tags.security, OURS)
def keys(**_kwargs: Any) -> list[CheckMessage]:
    return [*_signing_key(), *_encryption_keys(), *_pseudonym_key()]


def _signing_key() -> Iterator[CheckMessage]:
    if settings.DEBUG:
        return
    if settings.EMBEDDED:
        yield Error(
            "The keys were made by the portal itself and lie in its data folder.",
            hint="Set SECRET_KEY, ENCRYPTION_KEYS and PSEUDONYM_KEY in the environment.",
            id="kleep.E001",
        )
    if len(settings.SECRET_KEY) < SHORTEST_KEY:
        yield Error(
            f"SECRET_KEY is shorter than {SHORTEST_KEY} characters.",
            hint='python -c "import secrets; print(secrets.token_urlsafe(50))"',
            id="kleep.E002",
        )


def _encryption_keys() -> Iterator[CheckMessage]:
    if not settings.ENCRYPTION_KEYS or not all(map(_is_fernet_key, settings.ENCRYPTION_KEYS)):
        yield Error(
            "ENCRYPTION_KEYS is empty, or one of its keys is no Fernet key.",
            hint='python -c "from cryptography.fernet import Fernet;'
            ' print(Fernet.generate_key().decode())"; separate several by commas, the newest first.',
            id="kleep.E003",
        )


def _is_fernet_key(key: str) -> bool:
    try:
        Fernet(key)
    except ValueError:
        return False
    return True


def _pseudonym_key() -> Iterator[CheckMessage]:
    key = settings.PSEUDONYM_KEY
    if len(key) < SHORTEST_KEY or key in (settings.SECRET_KEY, *settings.ENCRYPTION_KEYS):
        yield Error(
            f"PSEUDONYM_KEY is missing, under {SHORTEST_KEY} characters, or another key as well.",
            hint="Give it a value of its own and keep it: with a new one, every shopper becomes a stranger.",
            id="kleep.E004",
        )


@register(Tags.security, OURS)
def exposure(**_kwargs: Any) -> list[CheckMessage]:
    return [*_debug_in_public(), *_production_doors()]


def _debug_in_public() -> Iterator[CheckMessage]:
    if not settings.DEBUG:
        return
    if public := [host for host in settings.ALLOWED_HOSTS if not _is_local(host)]:
        yield Error(
            f"DEBUG is on and the portal answers as {', '.join(public)}.",
            hint="Set SECRET_KEY, which turns DEBUG off, or keep ALLOWED_HOSTS to this machine.",
            id="kleep.E005",
        )
    database = str(settings.DATABASES["default"].get("HOST") or "")
    if not _is_local(database):
        yield Error(
            "DEBUG is on and the database is on another machine.",
            hint="Set SECRET_KEY, which turns DEBUG off, or use a local database.",
            id="kleep.E006",
        )


def _is_local(host: str) -> bool:
    """This machine: no host, a socket's path, localhost, loopback, or the name that test runners add."""
    if host in {"", "localhost", ".localhost", "testserver"} or host.startswith("/"):
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _production_doors() -> Iterator[CheckMessage]:
    if settings.DEBUG:
        return
    if settings.ALLOW_PRIVATE_ADDRESSES:
        yield Error(
            "ALLOW_PRIVATE_ADDRESSES lets merchants point the portal at this machine.",
            hint="Remove it from the environment: it is for the demo and the tests.",
            id="kleep.E007",
        )
    if not (settings.SESSION_COOKIE_SECURE and settings.CSRF_COOKIE_SECURE):
        yield Error(
            "Session or CSRF cookies travel over plain http.",
            hint="SESSION_COOKIE_SECURE and CSRF_COOKIE_SECURE must be true where DEBUG is off.",
            id="kleep.E008",
        )
    if not settings.PORTAL_URL.startswith("https://"):
        yield Error(
            "PORTAL_URL does not say where the portal is: the links in its e-mails would lead nowhere.",
            hint="Set it to the portal's own address, https://...",
            id="kleep.E016",
        )


@register(Tags.security, OURS)
def data_folder(**_kwargs: Any) -> list[CheckMessage]:
    folder = Path(settings.VAR)
    mode = stat.S_IMODE(folder.stat().st_mode)
    if mode & 0o077 == 0:
        return []
    return [
        Error(
            f"Others on this machine can look into the data folder {folder} ({mode:04o}).",
            hint=f"chmod 700 {folder}",
            id="kleep.E009",
        )
    ]


@register(OURS)
def timings(**_kwargs: Any) -> list[CheckMessage]:
    return list(_timings())


def _timings() -> Iterator[CheckMessage]:
    limit = settings.CELERY_TASK_TIME_LIMIT
    if settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"] <= limit:
        yield Error(
            "The broker hands a task out again before its time limit: two copies would run.",
            hint="BROKER_VISIBILITY_TIMEOUT must be longer than CELERY_TASK_TIME_LIMIT.",
            id="kleep.E010",
        )
    if limit <= settings.PULL_SLICE_SECONDS:
        yield Error(
            "A pull's slice is as long as a task may run: it would be killed each time.",
            hint="Lower PULL_SLICE_SECONDS or raise CELERY_TASK_TIME_LIMIT.",
            id="kleep.E011",
        )
    elif not settings.DEBUG and limit <= settings.PULL_SLICE_SECONDS + REQUEST_SECONDS:
        yield Warning(
            f"A pull's slice and the request it is in ({REQUEST_SECONDS} s) may pass the task's limit.",
            hint="Lower PULL_SLICE_SECONDS or raise CELERY_TASK_TIME_LIMIT.",
            id="kleep.W015",
        )
    if settings.PULL_LEASE_SECONDS < settings.PULL_SLICE_SECONDS:
        yield Error(
            "A pull's lease is shorter than its slice: a second worker would take the work over.",
            hint="PULL_LEASE_SECONDS must be at least PULL_SLICE_SECONDS.",
            id="kleep.E012",
        )


@register(OURS)
def embedded_parts(**_kwargs: Any) -> list[CheckMessage]:
    return [] if settings.DEBUG else list(_embedded_parts())


def _embedded_parts() -> Iterator[CheckMessage]:
    if settings.EMBEDDED_BROKER:
        yield Warning(
            "The embedded broker serves one machine and is meant for demo and development.",
            hint="Set CELERY_BROKER_URL and CACHE_URL.",
            id="kleep.W013",
        )
    if "sqlite" in settings.DATABASES["default"]["ENGINE"]:
        yield Warning(
            "SQLite serves one machine and one writer at a time.",
            hint="Set DATABASE_URL to a PostgreSQL database.",
            id="kleep.W014",
        )
