"""The shops of the demo: the same ones at each start, with documents to connect them."""

import json
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from connectors.sandbox.exchange import App
from connectors.sandbox.magento.integrations import Integration
from connectors.sandbox.magento.shop import SandboxShop
from connectors.sandbox.storefront.shop import Storefront
from connectors.sandbox.wshop import demo as wshop

MERCHANT = "Maison Démo"
SEED = 7
SNIPPET, STOREFRONT = "snippet.html", "storefront.json"


@dataclass(frozen=True)
class Demo:
    """One shop of the demo. `documents`: by file name, for the URL at which it is served."""

    name: str
    shop: App
    documents: Callable[[str], Mapping[str, object]]


def demo_shops(folder: Path, orders: int) -> list[Demo]:
    """A Magento Open Source, an Adobe Commerce and a WSHOP.

    The date their data leads up to and the source of their credentials are made once and kept in `folder`.
    """
    state = _state(folder)
    anchor, credentials = datetime.fromisoformat(state["anchor"]), state["credentials"]
    lumen = SandboxShop(seed=SEED, orders=orders, credentials=credentials, anchor=anchor)
    brume = SandboxShop(
        seed=SEED + 1,
        orders=orders,
        credentials=f"{credentials}commerce-",
        anchor=anchor,
        is_commerce=True,
    )
    ondine = wshop.demo_shop(orders, credentials=f"{credentials}wshop-", anchor=anchor)
    return [
        Demo("Boutique Lumen", lumen, partial(_magento, "Boutique Lumen", "", lumen)),
        Demo("Galerie Brume", brume, partial(_magento, "Galerie Brume", "commerce-", brume)),
        Demo(wshop.NAME, ondine, partial(wshop.documents, ondine, MERCHANT)),
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
    """The documents for `manage.py connect`, readable by their owner alone."""
    for name, document in demo.documents(url).items():
        _write(folder / name, document)
        yield folder / name


def demo_storefront(folder: Path, *, kleep: str) -> Storefront:
    """The storefront of the first shop. Its pages have the snippet that lies in `folder` at that time."""
    pasted = folder / SNIPPET

    def snippet() -> str:
        return pasted.read_text(encoding="utf-8") if pasted.exists() else ""

    return Storefront(kleep=f"{kleep}/kleep.js", snippet=snippet)


def write_storefront(folder: Path, url: str) -> None:
    """Where the storefront is served, for who sets up the demo."""
    _write(folder / STOREFRONT, {"url": url})


def _magento(name: str, prefix: str, shop: SandboxShop, url: str) -> Mapping[str, object]:
    """One for each integration. `prefix`: of their file names."""
    return {
        f"connect-{prefix}{integration.name}.json": document(name, integration, url)
        for integration in shop.integrations.values()
    }


def document(name: str, integration: Integration, url: str) -> dict[str, object]:
    shop = name if integration.name == "read" else f"{name} ({integration.name})"
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
