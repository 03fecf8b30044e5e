"""Merchants and their shops come to be."""

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from onboarding import platforms
from onboarding.models import Actor, Merchant, Shop, User
from onboarding.services.recording import record


def create_merchant(name: str, *, by: User | None) -> Merchant:
    with transaction.atomic():
        merchant = Merchant.objects.create(name=name)
        record(merchant, "merchant_created", by=by)
    return merchant


def create_shop(
    merchant: Merchant,
    name: str,
    *,
    by: User | None,
    environment: str = Shop.Environment.PREPROD,
    storefront_url: str = "",
) -> Shop:
    """A new shop under a free slug."""
    base = slugify(f"{merchant.name} {name}")[:90] or "shop"
    for number in range(1, 100):
        slug = base if number == 1 else f"{base}-{number}"
        try:
            with transaction.atomic():
                shop = Shop.objects.create(
                    merchant=merchant,
                    name=name,
                    slug=slug,
                    environment=environment,
                    storefront_url=storefront_url,
                )
                record(shop, "shop_created", by=by, name=name)
        except IntegrityError:
            if not Shop.objects.filter(slug=slug).exists():
                raise
        else:
            return shop
    raise IntegrityError(f"no free slug for {base}")


class ConnectedAlreadyError(Exception):
    """A shop with an access keeps its platform: what was pulled belongs to it."""


def choose_platform(shop: Shop, platform: str, *, by: Actor | None) -> None:
    """What the shop runs on. Raises ConnectedAlreadyError; ValueError for what is not offered."""
    if platforms.is_connected(shop):
        raise ConnectedAlreadyError(shop.slug)
    if platform not in {choice.key for choice in platforms.choices()}:
        raise ValueError(platform)
    if shop.platform == platform:
        return
    with transaction.atomic():
        shop.platform = platform
        shop.save(update_fields=["platform"])
        record(shop, "platform_chosen", by=by, platform=platform)
