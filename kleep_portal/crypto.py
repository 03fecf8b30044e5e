"""Seals secrets at rest and pseudonymises people.

Sealing: MultiFernet with ENCRYPTION_KEYS (the first seals, all open). The sealed payload names its owner
and opens nowhere else. A wrong key raises; nothing ever falls back to clear text.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from kleep_portal import redaction


class SealError(Exception):
    """The sealed value cannot be opened: wrong key, damaged, or another owner's."""


class Secrets(Mapping[str, str]):
    """Opened secrets by name. Their values show in no repr."""

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


def _box() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.ENCRYPTION_KEYS])


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
    except InvalidToken:
        raise SealError(
            "a sealed value does not open with the configured ENCRYPTION_KEYS"
        ) from None
    if not hmac.compare_digest(str(payload["owner"]), owner):
        raise SealError("a sealed value was found at a row that it was not sealed for")
    return Secrets(payload["secrets"])


def reseal(sealed: str) -> str:
    """The same secrets under the first key. Raises SealError."""
    try:
        return _box().rotate(sealed.encode()).decode()
    except InvalidToken:
        raise SealError(
            "a sealed value does not open with the configured ENCRYPTION_KEYS"
        ) from None


def pseudonym(tenant: str, value: str) -> str:
    """Keyed hash of a person's identifier: the same person of the same merchant, and nothing else."""
    message = f"{tenant}\n{value.strip().lower()}".encode()
    return hmac.new(settings.PSEUDONYM_KEY.encode(), message, hashlib.sha256).hexdigest()
