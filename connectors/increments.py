"""What an incremental export begins at: the manifest of the one before.

A row is stamped before its page is committed, so a little before the last export is read again: Kleep keeps
the newest version of a record that comes twice.
"""

from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from django.utils import timezone

# Longer than the transaction of any page.
OVERLAP = timedelta(minutes=15)


class ManifestError(Exception):
    """The file is no manifest, or another shop's or store view's."""


class _File(msgspec.Struct):
    dataset: str


class _Manifest(msgspec.Struct):
    shop: str
    scope: str
    exported_at: datetime
    files: list[_File]


def begin(manifest: Path, *, shop: str, scope: str) -> dict[str, datetime]:
    """From when on each dataset of that manifest is to be exported. `scope`: the one that was exported.

    Raises ManifestError, OSError.
    """
    try:
        before = msgspec.json.decode(manifest.read_bytes(), type=_Manifest)
    except msgspec.MsgspecError:
        raise ManifestError(f"{manifest} is no manifest of an export.") from None
    if before.exported_at.tzinfo is None:
        raise ManifestError(f"{manifest} has a time without a zone.")
    if (before.shop, before.scope) != (shop, scope):
        found, wanted = _named(before.shop, before.scope), _named(shop, scope)
        raise ManifestError(f"{manifest} is of {found}, not of {wanted}.")
    if before.exported_at > timezone.now() + OVERLAP:
        raise ManifestError(
            f"{manifest} is of {before.exported_at:%Y-%m-%d %H:%M}, which is in the future."
        )
    return {file.dataset: before.exported_at - OVERLAP for file in before.files}


def _named(shop: str, scope: str) -> str:
    return f"{shop}, store view {scope}" if scope else shop
