"""Seals secrets at rest and pseudonymises people.

Sealing: MultiFernet with ENCRYPTION_KEYS (the first seals, all open). The sealed payload names its owner
and opens nowhere else. A wrong key raises; nothing ever falls back to clear text.
"""

import hmac
import json
from collections.abc import Iterator, Mapping
from typing import NoReturn

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from kleep_portal import redaction

WRONG_KEY = "a sealed value does not open with the configured ENCRYPTION_KEYS"


class SealError(Exception):
    """The sealed value cannot be opened: wrong key, damaged, or another owner's."""


class Secrets(Mapping[str, str]):
    """Opened secrets by name. Their values show in no repr and go into no pickle, cache or task."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = dict(values)
        redaction.remember(*self._values.values())

    def __getitem__(self, name: str) -> str:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Secrets({', '.join(sorted(self._values))})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("opened secrets are not for storing")


def _box() -> MultiFernet:
    try:
        return MultiFernet([Fernet(key) for key in settings.ENCRYPTION_KEYS])
    except ValueError:
        raise ImproperlyConfigured("ENCRYPTION_KEYS holds no key, or one that is none") from None


def seal(owner: str, secrets: Mapping[str, str]) -> str:
    """Seal secrets for the row whose id is `owner`."""
    redaction.remember(*secrets.values())
    payload = json.dumps({"owner": owner, "secrets": dict(secrets)})
    return _box().encrypt(payload.encode()).decode()


def unseal(owner: str, sealed: str) -> Secrets:
    """The secrets of `owner`; no secrets where nothing was sealed. Raises SealError."""
    if not sealed:
        return Secrets({})
    try:
        payload = json.loads(_box().decrypt(sealed.encode()))
        names_owner, values = str(payload["owner"]), dict(payload["secrets"])
    except InvalidToken:
        raise SealError(WRONG_KEY) from None
    except (ValueError, KeyError, TypeError):
        raise SealError("a sealed value holds something else than secrets") from None
    if not hmac.compare_digest(names_owner.encode(), owner.encode()):
        raise SealError("a sealed value was found at a row that it was not sealed for")
    return Secrets(values)


def reseal(sealed: str) -> str:
    """The same secrets, of the same owner, under the first key. Raises SealError."""
    try:
        return _box().rotate(sealed.encode()).decode()
    except InvalidToken:
        raise SealError(WRONG_KEY) from None


def is_under_first_key(sealed: str) -> bool:
    """False where reseal() has something to do, also where the value opens with no key at all."""
    try:
        Fernet(settings.ENCRYPTION_KEYS[0]).decrypt(sealed.encode())
    except InvalidToken:
        return False
    return True


def pseudonym(tenant: str, value: str) -> str:
    """Keyed hash of a person's identifier: the same person of the same merchant, and nothing else.

    Blank for a blank value: people without an identifier are not one person.
    """
    value = value.strip().lower()
    return _keyed_hash(f"{tenant}\n{value}") if value else ""


def fingerprint(owner: str, value: str) -> str:
    """Keyed hash of a secret of `owner`; tells two values apart, leads back to neither."""
    return _keyed_hash(f"fingerprint\n{owner}\n{value}")


def _keyed_hash(message: str) -> str:
    key: str = settings.PSEUDONYM_KEY
    if not key:
        raise ImproperlyConfigured("PSEUDONYM_KEY is not set")
    return hmac.digest(key.encode(), message.encode(), "sha256").hex()
