"""Connects a shop from a document: what `manage.py connect` and the demo do."""

from django.db import transaction

from connectors import connections
from connectors.models import Connection
from onboarding import services
from onboarding.connect_document import Document, DocumentError
from onboarding.models import Merchant, Shop


def connect(document: Document) -> Shop:
    """Create or update the merchant, the shop and its connection; the shop is known by both names.

    A first connection is stored as it is: the check will say what is wrong with it. New credentials or a new
    address of a connected shop are tried first. Raises DocumentError, ConnectorError; nothing has
    changed then, and what worked before goes on working.
    """
    shop = _find(document)
    if shop is None or shop.connection is None:
        return _first(document)
    _update(shop, shop.connection, document)
    return shop


def _find(document: Document) -> Shop | None:
    shops = Shop.objects.select_related("merchant", "connection")
    return shops.filter(merchant__name=document.merchant, name=document.shop).first()


@transaction.atomic
def _first(document: Document) -> Shop:
    merchant = Merchant.objects.filter(name=document.merchant).first()
    merchant = merchant or services.create_merchant(document.merchant, by=None)
    shop = merchant.shops.filter(name=document.shop).first()
    shop = shop or services.create_shop(merchant, document.shop, by=None)
    services.save_credentials(
        shop,
        platform=document.platform,
        config=document.form.to_config(),
        secrets=document.form.to_secrets(),
        by=None,
        prove=False,
    )
    services.begin_at(shop, document.positions, by=None)
    return shop


def _update(shop: Shop, connection: Connection, document: Document) -> None:
    """What the document does not name stays: attribute codes that were chosen on a page, for example."""
    if connection.platform != document.platform:
        raise DocumentError([f"platform: this shop is connected through {connection.platform}."])
    config = {**connection.config, **document.form.to_config()}
    secrets = document.form.to_secrets()
    if not connections.holds(connection, config=config, secrets=secrets):
        services.save_credentials(
            shop, platform=document.platform, config=config, secrets=secrets, by=None
        )
    services.begin_at(shop, document.positions, by=None)
