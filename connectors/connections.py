"""The one place where a connection's credentials are set, opened and compared.

Commands and pages call these; nobody else seals or unseals. Whoever calls writes the Event.
"""

import hmac
import logging
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.core.cache import cache
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from connectors.base import Connector, Settings, StoreView
from connectors.erasing import pseudonym_of
from connectors.errors import ConnectorError, MerchantError
from connectors.http import Limits
from connectors.models import Connection
from kleep_portal import crypto

# The shop is asked while a person looks at the form.
WHILE_SOMEBODY_WAITS = Limits(connect=5, read=15, total=20)
GUESSES = 5  # comparisons per connection in GUESS_WINDOW
GUESS_WINDOW = timedelta(minutes=10)

logger = logging.getLogger(__name__)


class SecretsMissingError(MerchantError):
    code = "secrets_missing"
    text = _("Some credentials are missing. Enter all of them.")
    check_status = "credentials"


class SecretsNeededAgainError(MerchantError):
    """Kept secrets must not travel to a host that they were not given for."""

    code = "secrets_needed_again"
    text = _("The address has changed. Enter all the credentials again.")
    check_status = "credentials"


class SecretsUnreadableError(ConnectorError):
    """The stored secrets do not open: a key is missing from ENCRYPTION_KEYS, or the row was tampered with."""

    code = "secrets_unreadable"


class TooManyGuessesError(Exception):
    """Somebody compares values with a stored secret again and again."""


def open_connector(connection: Connection) -> Connector:
    """The connector, with its secrets; close it. Raises SecretsUnreadableError, SecretsMissingError."""
    return _connector(connection, connection.config, _complete(connection, _stored(connection)))


def open_for_a_person(connection: Connection) -> Connector:
    """The same while somebody looks at a page: what the shop does not answer soon fails."""
    values = _complete(connection, _stored(connection))
    return _connector(connection, connection.config, values, limits=WHILE_SOMEBODY_WAITS)


def store_views(connection: Connection) -> list[StoreView]:
    """The storefronts behind it, asked now. Raises ConnectorError."""
    with open_for_a_person(connection) as connector:
        return connector.store_views()


def prove_credentials(
    connection: Connection, *, config: Mapping[str, Any], secrets: Mapping[str, str]
) -> None:
    """Try with the shop what would be stored; store nothing. Not in a transaction. Raises ConnectorError."""
    values = _merged(connection, config, secrets)
    with _connector(connection, config, values, limits=WHILE_SOMEBODY_WAITS) as connector:
        connector.prove()


def set_credentials(
    connection: Connection,
    *,
    config: Mapping[str, Any],
    secrets: Mapping[str, str],
    by: str,
    prove: bool = False,
) -> None:
    """Store configuration and secrets; a blank secret keeps the stored one. Saves a new connection too.

    `prove`: first try them with the shop (so not in a transaction). What is stored is exactly what was
    tried; on a refusal, a ConnectorError, everything stays as it was.
    """
    values = _merged(connection, config, secrets)
    if prove:
        with _connector(connection, config, values, limits=WHILE_SOMEBODY_WAITS) as connector:
            connector.prove()
    # The platform, too: an access may take over a connection that only took files so far.
    changes: dict[str, Any] = {"config": dict(config), "platform": connection.platform}
    if any(secrets.values()):
        changes["sealed"] = crypto.seal(str(connection.pk), values)
        changes["secrets_set_at"] = timezone.now()
        changes["secrets_set_by"] = by[:254]
    if prove:
        changes["health"] = Connection.Health.WORKING
        changes["proved_at"] = timezone.now()
    for name, value in changes.items():
        setattr(connection, name, value)
    connection.save(update_fields=None if connection._state.adding else changes)


def holds(connection: Connection, *, config: Mapping[str, Any], secrets: Mapping[str, str]) -> bool:
    """Whether exactly this is stored already: then there is nothing to try out and nothing to store.

    For whoever runs our commands, who holds the keys anyway: not counted, unlike is_stored_secret().
    """
    try:
        stored = _stored(connection)
    except SecretsUnreadableError:
        return False
    same = [
        hmac.compare_digest(stored.get(name, "").encode(), value.encode())
        for name, value in secrets.items()
    ]
    return connection.config == dict(config) and len(same) == len(stored) and all(same)


def is_stored_secret(connection: Connection, name: str, value: str) -> bool:
    """Whether `value` is the secret that we hold, in constant time. Raises TooManyGuessesError.

    The caller logs who asked.
    """
    if _count_guess(connection) > GUESSES:
        raise TooManyGuessesError
    stored = _stored(connection).get(name, "")
    same = hmac.compare_digest(
        crypto.fingerprint(str(connection.pk), stored),
        crypto.fingerprint(str(connection.pk), value.strip()),
    )
    return bool(stored) and same


def _count_guess(connection: Connection) -> int:
    """How many there were in this window, with this one."""
    key = f"secret-guesses:{connection.pk}"
    if cache.add(key, 1, GUESS_WINDOW.total_seconds()):
        return 1
    try:
        return int(cache.incr(key))
    except ValueError:  # the window ended between the two questions
        cache.add(key, 0, GUESS_WINDOW.total_seconds())
        return int(cache.incr(key))


def fingerprints(connection: Connection) -> dict[str, str]:
    """Eight characters per stored secret, by name: they tell two values apart and lead back to neither."""
    owner = str(connection.pk)
    return {
        name: crypto.fingerprint(owner, value)[:8] for name, value in _stored(connection).items()
    }


def fingerprint(connection: Connection, name: str) -> str:
    """Eight characters for one stored secret; blank where none is stored."""
    return fingerprints(connection).get(name, "")


def secrets_age(connection: Connection) -> timedelta | None:
    """How long ago the secrets were set; None where none are."""
    return timezone.now() - connection.secrets_set_at if connection.secrets_set_at else None


def _stored(connection: Connection) -> crypto.Secrets:
    try:
        return crypto.unseal(str(connection.pk), connection.sealed)
    except crypto.SealError as error:
        detail = f"connection {connection.pk}: {error}"
        # Ours to mend, and the merchant's sentence does not say how.
        logger.error("credentials do not open: %s", detail)
        raise SecretsUnreadableError(detail=detail) from None


def _merged(
    connection: Connection, config: Mapping[str, Any], secrets: Mapping[str, str]
) -> crypto.Secrets:
    """What would be stored. Where all are given, the old ones need not even open."""
    names = connection.connector_class.secret_names
    if unknown := set(secrets) - set(names):
        raise ValueError(f"{connection.platform} has no secrets named {sorted(unknown)}")
    given = {name: value for name, value in secrets.items() if value}
    if set(given) == set(names):
        return crypto.Secrets(given)
    if connection.sealed and not _hosts(config) <= _hosts(connection.config):
        raise SecretsNeededAgainError
    return _complete(connection, {**_stored(connection), **given})


def _complete(connection: Connection, secrets: Mapping[str, str]) -> crypto.Secrets:
    if missing := [name for name in connection.connector_class.secret_names if name not in secrets]:
        raise SecretsMissingError(detail=f"missing: {', '.join(missing)}")
    return crypto.Secrets(secrets)


def _connector(
    connection: Connection,
    config: Mapping[str, Any],
    secrets: Mapping[str, str],
    *,
    limits: Limits = Limits(),  # noqa: B008 (frozen)
) -> Connector:
    return connection.connector_class(
        Settings(
            config=config,
            secrets=secrets,
            pseudonym=pseudonym_of(connection.tenant),
            limits=limits,
        )
    )


def _hosts(config: object) -> set[str]:
    """Every origin that a configuration names, wherever it stands in it."""
    if isinstance(config, str):
        parts = urlsplit(config)
        return {f"{parts.scheme}://{parts.netloc}".lower()} if parts.netloc else set()
    return {host for part in _parts(config) for host in _hosts(part)}


def _parts(config: object) -> Iterator[object]:
    if isinstance(config, Mapping):
        yield from config.values()
    elif isinstance(config, list | tuple):
        yield from config
