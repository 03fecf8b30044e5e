"""The button on the product pages: its settings, the pages on which it is looked for, and their password."""

from collections.abc import Iterable

from django.db import transaction

from kleep_portal import crypto
from onboarding.models import Actor, ProductPage, Shop, StorefrontAccess
from onboarding.services.recording import record
from onboarding.widget.settings import WidgetSettings

SECRET_NAMES = ("username", "password")


def save_widget_settings(shop: Shop, settings: WidgetSettings, *, by: Actor | None) -> bool:
    """Keep what was chosen; False where it is what was chosen before."""
    if settings == WidgetSettings.of(shop.widget):
        return False
    before, shop.widget = shop.widget, settings.stored()
    changed = {name: value for name, value in shop.widget.items() if before.get(name) != value}
    with transaction.atomic():
        shop.save(update_fields=["widget"])
        record(shop, "widget_settings_saved", by=by, changed=changed)
    return True


def set_product_pages(
    shop: Shop, environment: str, urls: Iterable[str], *, by: Actor | None
) -> bool:
    """These pages and no others are looked at; False where nothing changes. What was found on one stays."""
    wanted = list(dict.fromkeys(urls))
    pages = ProductPage.objects.filter(shop=shop, environment=environment)
    kept = list(pages.values_list("url", flat=True))
    if set(kept) == set(wanted):
        return False
    with transaction.atomic():
        pages.exclude(url__in=wanted).delete()
        for url in wanted:
            ProductPage.objects.get_or_create(shop=shop, environment=environment, url=url)
        record(shop, "product_pages_saved", by=by, environment=environment, urls=wanted)
    return True


def save_storefront_access(
    shop: Shop, environment: str, *, username: str, password: str, by: Actor | None
) -> StorefrontAccess:
    """Seal the user name and the password before that site."""
    with transaction.atomic():
        access, _is_new = StorefrontAccess.objects.get_or_create(shop=shop, environment=environment)
        secrets = dict(zip(SECRET_NAMES, (username, password), strict=True))
        access.sealed = crypto.seal(str(access.pk), secrets)
        access.set_by = str(by or "")
        access.save()
        record(shop, "storefront_access_saved", by=by, environment=environment)
    return access


def remove_storefront_access(shop: Shop, environment: str, *, by: Actor | None) -> bool:
    """Forget them; False where there are none."""
    with transaction.atomic():
        found = StorefrontAccess.objects.filter(shop=shop, environment=environment)
        if not found.delete()[0]:
            return False
        record(shop, "storefront_access_removed", by=by, environment=environment)
    return True


def storefront_credentials(shop: Shop, environment: str) -> crypto.Secrets | None:
    """Opened, for whoever loads the pages; None where there are none. Raises crypto.SealError."""
    access = StorefrontAccess.objects.filter(shop=shop, environment=environment).first()
    return crypto.unseal(str(access.pk), access.sealed) if access else None
