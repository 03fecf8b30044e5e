"""The whole way: signed requests over HTTP, the Magento connector, the engine, the database."""

import json
import random
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.utils import timezone

from connectors import catalogue, checking, connections, pulling, spans
from connectors.datasets import CUSTOMERS, DATASETS, ORDERS, PRODUCTS
from connectors.magento import client
from connectors.models import TABLES, Connection, PullRun
from connectors.sandbox.exchange import Request, Response
from connectors.sandbox.magento.shop import SandboxShop
from connectors.sandbox.server import serve

RESOURCES = {"products": PRODUCTS, "orders": ORDERS, "customers": CUSTOMERS}


def connected(url: str, shop: SandboxShop, integration: str = "read") -> Connection:
    given = shop.integrations[integration]
    connection = Connection(tenant=TENANT, platform="magento")
    names = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
    connections.set_credentials(
        connection,
        config={"url": url, "type": "V1", "page_size": 7},
        secrets={name: getattr(given, name) for name in names},
        by="",
    )
    return connection


TENANT = uuid.UUID(int=7)  # one merchant: the pseudonyms of both connections are the same


@pytest.fixture
def shop() -> SandboxShop:
    anchor = timezone.now().replace(microsecond=0) - timedelta(hours=1)
    return SandboxShop(orders=60, styles=4, customers=30, anchor=anchor)


@pytest.fixture(autouse=True)
def short_spans(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spans, "PAGE", 10)


@contextmanager
def at_work(shop: SandboxShop, seed: int) -> Iterator[None]:
    """With each request something changes, and now and then the shop fails."""
    chance = random.Random(seed)

    def work(request: Request) -> None:
        name = chance.choice(list(RESOURCES))
        records = shop.tables[name].records
        keys = sorted(records)
        match chance.randrange(4):
            case 0 if keys:
                shop.edit.touch(name, chance.choice(keys), created_at="2026-01-01 00:00:00")
            case 1 if keys:
                row = {**shop.tables[name].body(records[chance.choice(keys)], "all")}
                for field in ("id", "entity_id", "created_at", "updated_at"):
                    row.pop(field, None)
                shop.edit.add(name, {**row, **unique(name, chance.randrange(10**9))})
            case 2 if len(keys) > 5:
                shop.edit.delete(name, chance.choice(keys))
        if chance.random() < 0.03:  # each costs the half second that the client waits
            shop.switches.failing = 1

    shop.on_request = work
    yield
    shop.on_request = None
    shop.switches.failing = 0


def unique(name: str, number: int) -> dict[str, Any]:
    """What two records may not share, for a copy."""
    match name:
        case "products":
            return {"sku": f"new-{number}"}
        case "customers":
            return {"email": f"new-{number}@example.org"}
        case _:
            return {"items": [{"item_id": number, "sku": "x", "product_id": 1, "qty_ordered": 1}]}


def rows(connection: Connection, name: str) -> dict[tuple[Any, ...], dict[str, Any]]:
    dataset = DATASETS[name]
    fields = [c.name if c.name != "updated_at" else "remote_updated_at" for c in dataset.stored]
    found = TABLES[name].objects.filter(connection=connection).values("scope", *fields)
    return {(row["scope"], *(row[key] for key in dataset.key)): row for row in found}


@pytest.mark.parametrize("seed", range(4))
def test_a_shop_at_work_is_pulled_slice_by_slice_without_a_loss(db, shop, settings, seed):
    settings.PULL_ATTEMPTS = 1_000
    with serve(shop) as address, time_machine.travel(timezone.now(), tick=True) as clock:
        busy = connected(address.url, shop)
        with at_work(shop, seed):
            for cursor in pulling.cursors(busy):
                run = pulling.run_slice(cursor, seconds=0)
                while run is None or run.state == PullRun.State.RUNNING:
                    run = pulling.run_slice(cursor, seconds=0)
                assert run.state == PullRun.State.DONE, run.detail
        clock.shift(60)
        still = connected(address.url, shop)
        for name in RESOURCES:
            assert pulling.pull(busy, name).state == PullRun.State.DONE
            assert pulling.pull(still, name).state == PullRun.State.DONE
            expected, found = rows(still, name), rows(busy, name)
            assert expected.keys() <= found.keys()
            assert {key: found[key] for key in expected} == expected
            # More than that are only the records that the shop has deleted.
            again = pulling.pull(busy, name, full=True)
            assert (again.created, again.updated) == (0, 0)


class Hesitant:
    """A shop that, whenever it is asked something first, counts the records and gives none."""

    def __init__(self, shop: SandboxShop) -> None:
        self.shop = shop
        self.asked: set[str] = set()

    def answer(self, request: Request) -> Response:
        response = self.shop.answer(request)
        is_new = request.target not in self.asked
        self.asked.add(request.target)
        if not is_new or b'"total_count"' not in response.body:
            return response
        body = {**json.loads(response.body), "items": None}
        return replace(response, body=json.dumps(body).encode())


def test_records_that_are_counted_and_not_given_are_asked_for_again(db, shop):
    shop.switches.gzip = False
    with serve(shop) as address, serve(Hesitant(shop)) as troubled:
        still, busy = connected(address.url, shop), connected(troubled.url, shop)
        for name in RESOURCES:
            assert pulling.pull(still, name).state == PullRun.State.DONE
            assert pulling.pull(busy, name).state == PullRun.State.DONE
            expected = rows(still, name)
            assert len(expected) > 10
            assert comparable(rows(busy, name)) == comparable(expected)


def comparable(rows: dict[tuple[Any, ...], dict[str, Any]]) -> dict[tuple[Any, ...], Any]:
    """Without what names the address at which the shop was asked."""
    return {
        key: {name: value for name, value in row.items() if name not in ("url", "images")}
        for key, row in rows.items()
    }


def test_a_shop_that_counts_what_it_never_gives_is_believed_the_second_time(db, shop):
    shop.switches.gzip = False
    hesitant = Hesitant(shop)
    with serve(hesitant) as troubled:
        connection = connected(troubled.url, shop)
        hesitant.asked = Never()
        shop.log.clear()
        run = pulling.pull(connection, "customers")
    assert (run.state, run.fetched) == (PullRun.State.DONE, 0)
    assert max(Counter(entry.target for entry in shop.log).values()) == 2


class Never(set[str]):
    """Forgets at once what it is told."""

    def add(self, _target: str) -> None:
        return


def test_what_is_pulled_joins_to_variants_and_lines_with_sizes(db, shop):
    with serve(shop) as address:
        connection = connected(address.url, shop)
        assert checking.is_ok(checking.run(checking.start(connection)))
        for name in RESOURCES:
            run = pulling.pull(connection, name)
            assert (run.state, run.error) == (PullRun.State.DONE, "")
            assert run.fetched == len(shop.tables[name].records)
    variants = {row["variant_id"]: row for row in catalogue.variants(connection)}
    children = [row for row in variants.values() if row["product_id"] != row["variant_id"]]
    assert len(children) > 20
    assert all(row["size_label"] and row["title"] for row in children)
    stored = TABLES["orders"].objects.filter(connection=connection)
    lines = catalogue.canonical(
        connection, "", stored.values("variant_id", "product_id", "size_label", "sku")
    )
    known = [line for line in lines if line["variant_id"] in variants]
    assert len(known) > 60
    for line in known:
        variant = variants[line["variant_id"]]
        assert line["product_id"] == variant["product_id"]
        assert line["size_label"] == variant["size_label"]


def test_one_request_per_resource_when_nothing_is_new(db, shop):
    with serve(shop) as address:
        connection = connected(address.url, shop)
        pulling.pull(connection, "customers")
        shop.log.clear()
        run = pulling.pull(connection, "customers")
    assert run.fetched <= 1
    assert [entry.target.split("?")[0] for entry in shop.log] == ["/rest/V1/customers/search"]


def test_a_first_pull_reads_spans_side_by_side_and_no_record_twice(db, shop):
    with serve(shop) as address:
        connection = connected(address.url, shop)
        shop.log.clear()
        run = pulling.pull(connection, "orders")
        asked = [parse_qs(urlsplit(entry.target).query) for entry in shop.log]
        asked = [
            one for entry, one in zip(shop.log, asked, strict=True) if "/orders" in entry.target
        ]
    assert (run.state, run.kind, run.fetched, run.created) == (
        PullRun.State.DONE, PullRun.Kind.WHOLE, 60, len(rows(connection, "orders")),
    )  # fmt: skip
    ends = {one.get("searchCriteria[filterGroups][1][filters][0][value]", [""])[0] for one in asked}
    assert len(ends) == 7  # six ends and none
    # Two questions for the extent; six spans of ten orders, seven a page; whether there are newer ones.
    assert len(asked) == 2 + 6 * 2 + 1
    keys = sorted(shop.tables["orders"].records)
    first, last = keys[0], keys[-1]
    with serve(shop) as address, connections.open_connector(connected(address.url, shop)) as opened:
        found = opened.extent(opened.resource("orders"))
    assert (found.first, found.last, found.total) == (first, last, 60)


def test_a_shop_without_orders_is_pulled_to_its_end(db, shop):
    shop.tables["orders"].records.clear()
    with serve(shop) as address:
        run = pulling.pull(connected(address.url, shop), "orders")
    assert (run.state, run.fetched, run.detail) == (PullRun.State.DONE, 0, "")


def test_a_night_finds_deleted_products_and_prices_that_moved_no_date(db, shop, settings):
    with serve(shop) as address:
        connection = connected(address.url, shop)
        pulling.pull(connection, "products")
        before = rows(connection, "products")
        settings.PULL_RECONCILE_SECONDS = 10**9
        gone, changed, *_rest = (
            key for key, one in sorted(shop.tables["products"].records.items())
            if one.columns.get("type_id", "simple") == "simple"
        )  # fmt: skip
        shop.edit.delete("products", gone)
        shop.edit.change_silently("products", changed, price=12.34)
        assert pulling.pull(connection, "products").deleted == 0
        run = pulling.pull(connection, "products", full=True)
    table = TABLES["products"].objects.filter(connection=connection)
    assert (run.state, run.created, run.deleted) == (PullRun.State.DONE, 0, 1)
    assert [row.variant_id for row in table.exclude(deleted_at=None)] == [str(gone)]
    after = rows(connection, "products")
    different = {key for key in before if before[key] != after[key]}
    assert {key[-1] for key in different} == {str(changed)}
    assert str(gone) not in {row["variant_id"] for row in catalogue.variants(connection)}


def test_a_shop_that_asks_us_to_slow_down_is_read_to_its_end(db, shop, monkeypatch):
    monkeypatch.setattr(spans, "FIRST_WAIT", 0.01)
    monkeypatch.setattr(client, "PASSING", ())
    asked = iter(range(1, 10**6))

    def refuse(request: Request) -> None:
        if next(asked) in {8, 9, 12}:
            shop.switches.rate_limited = 1

    with serve(shop) as address:
        connection = connected(address.url, shop)
        shop.on_request = refuse
        run = pulling.pull(connection, "orders")
    assert (run.state, run.attempts, run.fetched) == (PullRun.State.DONE, 0, 60)
    assert [entry.status for entry in shop.log].count(429) == 3


def test_a_shop_without_url_rewrites_is_read_below_index_php(db, shop):
    with serve(shop) as address:
        connection = connected(address.url, shop)
        run = pulling.pull(connection, "customers")
        shop.switches.without_rewrites = True
        shop.log.clear()
        again = pulling.pull(connection, "customers", full=True)
        routes = [entry.target.partition("/rest/")[0] for entry in shop.log]
        check = checking.run(checking.start(connection))
    assert (again.state, again.created, again.unchanged) == (PullRun.State.DONE, 0, run.created)
    # Each connector finds out once; both readers may.
    assert 1 <= routes.count("") <= 2
    assert set(routes) == {"", "/index.php"}
    assert not check.lines.filter(status__in=["unreachable", "failed", "credentials"]).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["inventory", "stockItems"])
def test_stock_that_is_read_in_slices_is_counted_once_and_not_doubted_the_day_after(
    shop: SandboxShop, name: str
) -> None:
    with serve(shop) as served:
        connection = connected(served.url, shop)
        cursor = pulling.cursor_of(connection, name)
        slices = 0
        while (run := pulling.run_slice(cursor, seconds=0)) and run.state == PullRun.State.RUNNING:
            slices += 1
            assert slices < 100
        assert run is not None
        assert slices > 3
        again = pulling.pull(connection, name)
    assert (run.state, again.state) == (PullRun.State.DONE, PullRun.State.DONE)
    # A slice begins a little before the end of the last one.
    assert again.fetched <= run.fetched <= again.fetched * 1.5
    assert run.created == again.unchanged
    assert (again.created, again.updated, again.deleted) == (0, 0, 0)
