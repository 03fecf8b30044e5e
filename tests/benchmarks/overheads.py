"""What a page costs beside its rows: signing its request, and the bookkeeping of its transaction.

Run as a process of the portal, on a database in which the shop is connected. Prints JSON: milliseconds.
"""

import json
import time
from collections.abc import Callable
from datetime import timedelta
from statistics import median

import django

ROUNDS = 60


def main() -> None:
    django.setup()
    print(json.dumps({"signing": _signing(), "bookkeeping": _bookkeeping()}))


def _signing() -> float:
    import requests

    from connectors.magento.address import StoreAddress
    from connectors.magento.client import SECRET_NAMES, signer
    from connectors.magento.question import Criteria, Filter, url
    from connectors.magento.shapes import ORDER_FIELDS

    sign = signer(dict.fromkeys(SECRET_NAMES, "0123456789abcdef0123456789abcdef"))
    window = (
        Filter("updated_at", "gteq", "2026-01-01 00:00:00"),
        Filter("updated_at", "lteq", "2026-02-01 00:00:00"),
    )
    asked = Criteria(filters=window, sort=("updated_at", "entity_id"), page_size=300)
    params = (*asked.params(), ("fields", ORDER_FIELDS))
    target = url(StoreAddress("http://127.0.0.1:8043"), "orders", params)

    def once() -> None:
        prepared = requests.PreparedRequest()
        prepared.prepare_method("GET")
        prepared.url = target
        prepared.prepare_headers({})
        prepared.prepare_body(None, None)
        sign(prepared)

    return _milliseconds(once)


def _bookkeeping() -> float:
    """A page without rows: lease, position and counters in a transaction."""
    from connectors import leases, pulling, runs, steps
    from connectors.base import Page, Position
    from connectors.models import Connection

    connection = Connection.objects.get()
    lease = leases.claim(pulling.cursor_of(connection, "orders").pk)
    assert lease is not None
    run = runs.begin(lease)
    at = run.until - timedelta(days=1)
    numbers = iter(range(1, ROUNDS + 2))

    def once() -> None:
        page = Page(rows=[], fetched=0, position=Position(at, next(numbers)))
        steps.store(lease, run, [steps.Step(page)], seconds=0.0)

    return _milliseconds(once)


def _milliseconds(once: Callable[[], None]) -> float:
    taken = []
    once()
    for _ in range(ROUNDS):
        began = time.perf_counter()
        once()
        taken.append(time.perf_counter() - began)
    return median(taken) * 1000


if __name__ == "__main__":
    main()
