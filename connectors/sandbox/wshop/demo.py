"""The WSHOP of the demo: its users, and a document for `manage.py connect` for each."""

import hashlib
from collections.abc import Mapping
from datetime import datetime

from connectors.sandbox.wshop.shop import LISTS, User, WshopSandbox
from connectors.sandbox.wshop.stock import Stock

NAME = "Atelier Ondine"
RETURNS = {"returns/get", "returns/getreasons"}


def demo_shop(orders: int, *, credentials: str, anchor: datetime) -> WshopSandbox:
    """The same shop at each start. `anchor`: when anything changed last."""

    def user(name: str, *, profile: set[str], api_access: bool = True) -> User:
        password = hashlib.sha256(f"{credentials}{name}".encode()).hexdigest()[:20]
        return User(f"{name}@atelier-ondine.example", password, profile, api_access)

    users = [
        user("kleep", profile=set(LISTS)),
        user("no-returns", profile=set(LISTS) - RETURNS),
        user("no-api", profile=set(LISTS), api_access=False),
    ]
    return WshopSandbox(Stock.made(seed=9, orders=orders, ends=anchor), users=users)


def documents(shop: WshopSandbox, merchant: str, url: str) -> Mapping[str, object]:
    """By file name. `url`: where the shop is served."""
    return {
        f"connect-wshop{suffix}.json": {
            "merchant": merchant,
            "shop": f"{NAME}{f' ({suffix[1:]})' if suffix else ''}",
            "platform": "wshop",
            "config": {
                "url": f"{url}/api/v1",
                "username": user.email,
                "password": user.password,
                "attributes": {"dimensions": ["longueur"]},
            },
        }
        for suffix, user in zip(("", "-no-returns", "-no-api"), shop.users, strict=True)
    }
