"""Who is known to Kleep's SFTP server, and which folders each user has: made from merchants and shops."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.text import slugify

from onboarding.models import Merchant, SftpAccount, Shop

ENVIRONMENTS = {Shop.Environment.PRODUCTION: "prod", Shop.Environment.PREPROD: "preprod"}
FOLDERS = ("products", "orders", "returns", "return_reasons", "misc")  # Kleep's layout
PREFIX, LONGEST = "kleep_", 32


@dataclass(frozen=True)
class Account:
    user: str
    folders: list[str]


def accounts() -> Iterator[Account]:
    """All of them, for whoever provisions the server."""
    for account in SftpAccount.objects.select_related("merchant").order_by("pk"):
        shops = account.merchant.shops.order_by("pk")
        folders = [
            f"{shop.slug}/{environment}/{folder}"
            for shop in shops
            for environment in ENVIRONMENTS.values()
            for folder in FOLDERS
        ]
        yield Account(account.username, folders)


def folder_of(shop: Shop) -> str:
    """Where the shop's files lie now, as its merchant's user sees it."""
    return f"/{shop.slug}/{ENVIRONMENTS[Shop.Environment(shop.environment)]}"


def free_username(merchant: Merchant) -> str:
    base = slugify(merchant.name).replace("-", "_") or "shop"
    for number in range(1, 1_000):
        end = "" if number == 1 else f"_{number}"
        name = f"{PREFIX}{base[: LONGEST - len(PREFIX) - 4].rstrip('_')}{end}"
        if not SftpAccount.objects.filter(username=name).exists():
            return name
    raise RuntimeError(f"no free user name for {base}")
