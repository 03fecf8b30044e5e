"""Where an export puts its files: a single folder, or the folders of Kleep's SFTP space.

Kleep documents products, orders, returns and return_reasons, each in a folder of its name. The other datasets
and the manifest go to misc, whose content is to be agreed with Kleep: our assumption.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

FOLDERS = ("products", "orders", "returns", "return_reasons")
MANIFEST = "manifest"


@dataclass(frozen=True, kw_only=True)
class Place:
    """The shop's folder and environment in the SFTP space, e.g. maison-paris and prod."""

    shop: str
    environment: str


class Layout(Protocol):
    def __call__(self, name: str, ending: str, at: datetime, *, place: Place) -> Path: ...


def single(name: str, ending: str, at: datetime, *, place: Place) -> Path:
    """orders.csv: the same names every time, whatever the moment and the shop."""
    del at, place
    return Path(f"{name}.{ending}")


def sftp(name: str, ending: str, at: datetime, *, place: Place) -> Path:
    """maison-paris/prod/orders/orders_2026-03-01T02-00-00.csv, in UTC"""
    folder = name if name in FOLDERS else "misc"
    stamp = at.astimezone(UTC).strftime("%Y-%m-%dT%H-%M-%S")
    return Path(place.shop, place.environment, folder, f"{name}_{stamp}.{ending}")


LAYOUTS: dict[str, Layout] = {"single": single, "sftp": sftp}


def newest_manifest(out: Path, layout: str, place: Place) -> Path | None:
    """The manifest of the export before, where it still lies in `out`."""
    if layout == "single":
        found = [out / f"{MANIFEST}.json"]
    else:
        folder = out / place.shop / place.environment / "misc"
        found = sorted(folder.glob(f"{MANIFEST}_*.json"))
    return next((path for path in reversed(found) if path.is_file()), None)
