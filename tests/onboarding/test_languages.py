"""The language of a page: whose choice it is, that the page says it, and its dates and figures."""

import datetime as dt
import html
import re
from decimal import Decimal

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from connectors import storing
from connectors.datasets import PRODUCTS
from onboarding import services
from tests.onboarding.conftest import World

MOMENT = dt.datetime(2026, 3, 5, 8, 7, tzinfo=dt.UTC)


def _page(client: Client, address: str, accepted: str) -> str:
    answer = client.get(address, headers={"Accept-Language": accepted})
    return html.unescape(answer.content.decode())


def _language(page: str) -> str:
    found = re.search(r'<html lang="([a-z-]+)"', page)
    assert found
    return found[1]


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("fr-FR,fr;q=0.9,en;q=0.8", "fr"), ("fr-CA", "fr"), ("en-US", "en"), ("ja", "en"), ("", "en")],
)
def test_the_browser_chooses_the_language(world: World, accepted: str, language: str) -> None:
    for who, address in (("anonymous", "/accounts/login/"), ("owner", "/")):
        page = _page(world.client(who), address, accepted)
        assert _language(page) == language
        assert ("Se connecter" if language == "fr" else "Log in") in page or who == "owner"


def test_the_switch_wins_over_the_browser_and_names_each_language_in_itself(world: World) -> None:
    client = world.client("owner")
    page = _page(client, "/", "fr")
    assert 'lang="en" aria-label="English"' in page
    assert 'lang="fr" aria-label="Français" aria-current="true"' in page
    client.post(reverse("language"), {"language": "en", "next": "/"})
    assert _language(_page(client, "/", "fr")) == "en"


@pytest.mark.parametrize(
    ("language", "date", "price"),
    [("en", "5 March 2026 08:07", "1,234.50 EUR"), ("fr", "5 mars 2026 08:07", "1\xa0234,50 EUR")],
)
def test_dates_and_figures_are_written_as_in_the_language(
    world: World, language: str, date: str, price: str
) -> None:
    with time_machine.travel(MOMENT, tick=False):
        services.note_export(world.shop, format="csv", by=None)
        row = PRODUCTS.row(variant_id="1", sku="A", price=Decimal("1234.5"), currency="EUR")
        storing.store(world.connection, PRODUCTS, [row])
    client = world.client("owner")
    assert date in _page(client, reverse("shop", args=[world.shop.slug]), language)
    data = _page(client, reverse("data", args=[world.shop.slug]), language)
    assert f'<td class="number">{price}</td>' in data
