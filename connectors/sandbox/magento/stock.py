"""Sources, stocks and quantities: what several warehouses hold of each SKU."""

import random
from collections.abc import Iterator

from connectors.sandbox.magento.catalogue import Product
from connectors.sandbox.magento.replies import Json
from connectors.sandbox.magento.stores import WEBSITES

SOURCES = {"default": "US", "berlin_wh": "DE", "paris_store": "FR"}
NAMES = {"default": "Default Source", "berlin_wh": "Lager Berlin", "paris_store": "Boutique Paris"}
# Stock 1 sells on the first website, stock 2 on the second.
LINKS = ((1, "default", 1), (2, "berlin_wh", 1), (2, "paris_store", 2))


def source_items(seed: int, products: list[Product]) -> Iterator[Json]:
    """One row for each SKU in each source: no date, no id in the answers."""
    random_ = random.Random(f"{seed}:stock")
    number = 0
    for product in products:
        if product.kind != "simple":
            continue
        for source in SOURCES if product.size else ("default",):
            number += 1
            quantity = random_.choice((0, 1, 3, 12, 40, 200))
            yield {
                "source_item_id": number,
                "sku": product.sku,
                "source_code": source,
                "quantity": quantity,
                "status": int(quantity > 0),
            }


def sources() -> list[Json]:
    made = []
    for code in sorted(SOURCES):
        body: Json = {"source_code": code, "name": NAMES[code]}
        if code != "default":
            body |= {"email": "stock@example.com", "contact_name": "Stock"}
        body |= {"enabled": True, "latitude": 0, "longitude": 0, "country_id": SOURCES[code]}
        if code == "default":
            body["description"] = NAMES[code]
        else:
            body |= {"city": code.partition("_")[0].title(), "street": "1 Test", "phone": "0"}
        body |= {
            "postcode": "00000",
            "use_default_carrier_config": True,
            "carrier_links": [],
            "extension_attributes": {
                "is_pickup_location_active": False,
                "frontend_name": "" if code == "default" else NAMES[code],
            },
        }
        made.append(body)
    return made


def stock(number: int) -> Json:
    channels = [{"type": "website", "code": WEBSITES[number]["code"]}]
    name = "Default Stock" if number == 1 else "Stock DE"
    return {"stock_id": number, "name": name, "extension_attributes": {"sales_channels": channels}}


def stocks() -> list[Json]:
    return [stock(1), stock(2)]


def links() -> list[Json]:
    return [
        {"stock_id": number, "source_code": source, "priority": priority}
        for number, source, priority in LINKS
    ]
