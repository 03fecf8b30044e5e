"""The questions about the products of a WSHOP: sizes and EAN are its own, the rest is asked."""

import html
import re
from collections.abc import Iterator

import pytest
from django.urls import reverse

from connectors import catalogue, choosing, pulling
from connectors.sandbox.server import serve
from connectors.sandbox.wshop.shop import WshopSandbox
from onboarding import services
from onboarding.models import Shop
from tests.onboarding.conftest import World


@pytest.fixture
def shop(world: World) -> Iterator[Shop]:
    """A WSHOP whose products have arrived."""
    sandbox = WshopSandbox()
    user = sandbox.users[0]
    with serve(sandbox) as address:
        shop = services.create_shop(world.merchant, "Ondine", by=None)
        connection = services.save_credentials(
            shop,
            platform="wshop",
            config={"url": address.url},
            secrets={"username": user.email, "password": user.password},
            by=None,
        )
        pulling.pull(connection, "products")
        yield shop


def test_attributes_are_proposed_and_an_answer_is_exported(world: World, shop: Shop) -> None:
    client = world.client("owner")
    address = reverse("configuration", args=[shop.slug])
    page = html.unescape(client.get(address).content.decode())
    for role, code, sample in (
        ("color", "couleur", "Noir"),
        ("gender", "genre", "Femme"),
        ("material", "matiere", "Coton"),
        ("brand", "marque", "Maison Démo"),
    ):
        select = re.search(rf'<select name="{role}".*?</select>', page, re.DOTALL)
        assert select
        assert f'<option value="{code}" selected>' in select[0]
        assert sample in select[0]
    assert 'name="size"' not in page
    assert 'name="ean"' not in page

    answers = {
        "color": "couleur",
        "gender": "genre",
        "brand": "marque",
        "material": "matiere",
        "is_children": "-",
        "internal_reference": "-",
        "parent_reference": "-",
        "dimensions_from": "attributes",
        "dimensions": "longueur",
        "languages": ["fr"],
        "returns": "file",
    }
    page = html.unescape(client.post(address, answers).content.decode())
    assert "All variants of products are read from your shop again." in page
    assert "Returns come from the source that you chose." in page
    client.post(address, {**answers, "confirmed": "yes"})
    shop.refresh_from_db()
    assert shop.connection is not None
    assert [one.name for one in choosing.wanted(shop.connection)] == ["products", "orders"]
    pulling.pull(shop.connection, "products")
    lengths = [row["dimensions"] for row in catalogue.variants(shop.connection)]
    assert all(length and length["longueur"].endswith(" cm") for length in lengths)
