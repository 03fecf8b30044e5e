"""A plain loop: requests and requests_oauthlib, json, Django's bulk_create(update_conflicts)."""

import requests
from oauthlib.oauth1 import SIGNATURE_HMAC_SHA256
from requests_oauthlib import OAuth1

from tests.benchmarks.references.asked import (
    PAGE_SIZE,
    SIZES_PATH,
    STORES_PATH,
    Asked,
    Shop,
    lines,
    orders_query,
)
from tests.benchmarks.references.landing import land, set_up


def main() -> None:
    asked = Asked.read()
    model = set_up(asked)
    session = requests.Session()
    session.auth = OAuth1(
        asked.consumer_key,
        asked.consumer_secret,
        asked.access_token,
        asked.access_token_secret,
        signature_method=SIGNATURE_HMAC_SHA256,
    )

    def get(path: str):  # type: ignore[no-untyped-def]  # JSON
        response = session.get(f"{asked.url}/rest/V1/{path}", timeout=60)
        response.raise_for_status()
        return response.json()

    shop = Shop.of(get(SIZES_PATH), get(STORES_PATH))
    page, total = 0, 1
    while page * PAGE_SIZE < total:
        page += 1
        listed = get(f"orders?{orders_query(page)}")
        total = listed["total_count"]
        land(model, [row for order in listed["items"] for row in lines(order, shop, asked)])


if __name__ == "__main__":
    main()
