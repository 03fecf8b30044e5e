"""The bare pipeline does the same work as the portal: it makes the rows that the portal stores."""

import json
from decimal import Decimal

import pytest

from connectors.models import TABLES
from connectors.pulling import pull
from connectors.sandbox.demo import document
from connectors.sandbox.server import serve
from onboarding import connect_document
from onboarding.connecting import connect
from tests.benchmarks.orders import ManyOrders, small_shop
from tests.benchmarks.references import bare
from tests.benchmarks.references.asked import COLUMNS, SIZES_PATH, STORES_PATH, Asked, Shop
from tests.benchmarks.shop import BenchShop

ORDERS = 310  # more than a page


@pytest.mark.django_db(transaction=True)
def test_the_bare_pipeline_makes_the_rows_that_the_portal_stores(settings) -> None:
    shop = small_shop()
    with serve(BenchShop(shop, ManyOrders(shop, ORDERS))) as address:
        given = document("Bench", shop.integrations["full"], address.url)
        connection = connect(connect_document.read(json.dumps(given).encode())).connection
        assert connection is not None
        run = pull(connection, "orders")
        asked = _asked(given["config"], settings.PSEUDONYM_KEY, str(connection.tenant))
        client = bare.Client(asked)
        labels = Shop.of(json.loads(client.get(SIZES_PATH)), json.loads(client.get(STORES_PATH)))
        made = [row for page in bare.pages(client) for row in bare.rows(page, labels, asked)]
        client.http.close()
    stored = list(_stored())
    assert (run.state, run.fetched, run.created) == ("done", ORDERS, len(stored))
    assert sorted(map(_plain, made), key=str) == sorted(map(_plain, stored), key=str)


def _asked(config, key: str, tenant: str) -> Asked:
    return Asked(
        url=config["url"],
        consumer_key=config["consumerKey"],
        consumer_secret=config["consumerSecret"],
        access_token=config["accessToken"],
        access_token_secret=config["accessTokenSecret"],
        database="",
        pseudonym_key=key,
        tenant=tenant,
        folder="",
    )


def _stored():
    names = ["remote_updated_at" if name == "updated_at" else name for name in COLUMNS]
    return TABLES["orders"].objects.values_list(*names)


def _plain(row) -> list[object]:
    """Numbers without the zeros that a column of the database adds."""
    return [value.normalize() if isinstance(value, Decimal) else value for value in row]
