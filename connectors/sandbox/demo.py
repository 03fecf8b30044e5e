"""The shops of the demo: the same ones at each start, with a document to connect each integration."""

import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from connectors.sandbox.magento.integrations import Integration
from connectors.sandbox.magento.shop import SandboxShop

MERCHANT = "Maison Démo"
SEED = 7


@dataclass(frozen=True)
class Demo:
    """One shop of the demo. `prefix`: of its documents."""

    name: str
    prefix: str
    shop: SandboxShop


def demo_shops(folder: Path, orders: int) -> list[Demo]:
    """An Open Source shop and an Adobe Commerce one.

    The date its data leads up to and the source of its credentials are made once and kept in `folder`.
    """
    state = _state(folder)
    return [
        Demo(
            name,
            prefix,
            SandboxShop(
                seed=SEED + at,
                orders=orders,
                credentials=state["credentials"] + prefix,
                anchor=datetime.fromisoformat(state["anchor"]),
                is_commerce=bool(at),
            ),
        )
        for at, (name, prefix) in enumerate(
            (("Boutique Lumen", ""), ("Galerie Brume", "commerce-"))
        )
    ]


def _state(folder: Path) -> dict[str, str]:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    kept = folder / "shops.json"
    if not kept.exists():
        anchor = datetime.now(UTC).replace(microsecond=0)
        _write(kept, {"anchor": anchor.isoformat(), "credentials": secrets.token_hex(32)})
    state: dict[str, str] = json.loads(kept.read_text(encoding="utf-8"))
    return state


def write_documents(demo: Demo, url: str, folder: Path) -> Iterator[Path]:
    """A document for `manage.py connect` for each integration, readable by its owner alone."""
    for name, integration in demo.shop.integrations.items():
        path = folder / f"connect-{demo.prefix}{name}.json"
        _write(path, document(demo, integration, url))
        yield path


def document(demo: Demo, integration: Integration, url: str) -> dict[str, object]:
    shop = demo.name if integration.name == "read" else f"{demo.name} ({integration.name})"
    return {
        "merchant": MERCHANT,
        "shop": shop,
        "platform": "magento",
        "config": {
            "url": url,
            "consumerKey": integration.consumer_key,
            "consumerSecret": integration.consumer_secret,
            "accessToken": integration.access_token,
            "accessTokenSecret": integration.access_token_secret,
            "type": "V1",
        },
    }


def _write(path: Path, content: object) -> None:
    """Whole or not at all, for who reads it meanwhile."""
    made = path.with_suffix(".new")
    made.unlink(missing_ok=True)
    handle = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(content, file, indent=2, ensure_ascii=False)
    made.replace(path)
