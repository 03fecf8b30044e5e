"""A simulated Magento for the tests of the pages, and the steps that they share."""

import html
from dataclasses import dataclass

from django.test import Client
from django.urls import reverse

from connectors.models import Connection
from connectors.sandbox.magento.shop import SandboxShop
from onboarding.models import Shop

NAMES = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")


@dataclass(frozen=True)
class Magento:
    """A running shop with its integrations."""

    shop: SandboxShop
    url: str

    def fields(self, name: str = "read") -> dict[str, str]:
        """What a merchant types to connect it."""
        integration = self.shop.integrations[name]
        return {"url": self.url, **{one: str(getattr(integration, one)) for one in NAMES}}


def submit(client: Client, shop: Shop, fields: dict[str, str]) -> str:
    """Send the credentials and follow to where it leads; the page as people read it."""
    answer = client.post(reverse("access", args=[shop.slug]), fields, follow=True)
    shop.refresh_from_db()
    return html.unescape(answer.content.decode())


def connected(client: Client, shop: Shop, fields: dict[str, str]) -> Connection:
    submit(client, shop, fields)
    assert shop.connection is not None
    return shop.connection


def page(client: Client, name: str, shop: Shop) -> str:
    return html.unescape(client.get(reverse(name, args=[shop.slug])).content.decode())
