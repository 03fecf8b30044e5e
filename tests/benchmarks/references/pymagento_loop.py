"""PyMagento's own iterator over orders, Django's bulk_create(update_conflicts)."""

from itertools import islice

from magento import Magento

from tests.benchmarks.references.asked import (
    PAGE_SIZE,
    SIZES_PATH,
    STORES_PATH,
    Asked,
    Shop,
    lines,
)
from tests.benchmarks.references.landing import land, set_up


def main() -> None:
    asked = Asked.read()
    model = set_up(asked)
    # It signs nothing: it sends the access token as it is.
    client = Magento(asked.access_token, asked.url, "fr", batch_page_size=PAGE_SIZE)
    shop = Shop.of(
        client.get_json_api(f"/V1/{SIZES_PATH}"), client.get_json_api(f"/V1/{STORES_PATH}")
    )
    orders = client.get_orders()
    while page := list(islice(orders, PAGE_SIZE)):
        land(model, [row for order in page for row in lines(order, shop, asked)])


if __name__ == "__main__":
    main()
