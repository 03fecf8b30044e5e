"""Readiness measures what an export would give: value by value, in a fixed number of queries."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone, translation

from connectors import exporting, readiness
from connectors.arrivals import Arrival
from connectors.datasets import ORDERS, PRODUCTS
from connectors.models import TABLES, Connection, Cursor, ProductLink, PullRun
from connectors.readiness import Measure, Readiness
from connectors.readiness_facts import Facts
from connectors.readiness_rules import Limits, Verdict, percent

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def connection(db: None) -> Connection:
    return Connection.objects.create(tenant=uuid4(), platform="magento")


def _store(connection: Connection, dataset: str, **values: Any) -> None:
    TABLES[dataset].objects.create(connection=connection, seen_at=timezone.now(), **values)


def _variant(connection: Connection, id: str, size: str | None, **values: Any) -> None:
    known = {"variant_id": id, "product_id": id, "sku": f"SKU-{id}", "size_label": size}
    _store(connection, "products", **{**known, "is_parent": False, **values})


def _parent(connection: Connection, id: str, children: list[str], **values: Any) -> None:
    known = {"variant_id": id, "product_id": id, "is_parent": True, "children": children}
    _store(connection, "products", **{**known, **values})
    for child in children:
        ProductLink.objects.create(
            connection=connection, product_id=id, variant_id=child, scope=values.get("scope", "")
        )


def _line(connection: Connection, id: str, variant_id: str, product_id: str, **values: Any) -> None:
    known = {"order_id": f"O{id}", "order_date": NOON, "quantity": Decimal(1)}
    ids = {"line_id": id, "variant_id": variant_id, "product_id": product_id}
    _store(connection, "orders", **{**known, **ids, **values})


def _return(connection: Connection, id: str, **values: Any) -> None:
    known = {"line_id": "1", "return_date": NOON, "quantity": Decimal(1), "source": "rma"}
    _store(connection, "returns", **{**known, "return_id": id, **values})


def _shop(connection: Connection) -> None:
    """Four live variants in two products and one alone; a deleted one; eight order lines; four returns."""
    _parent(connection, "90", ["1", "2", "5"], title="Robe", gender="female")
    _parent(connection, "100", ["1", "3"], title="Other")
    _parent(connection, "7", ["3"], deleted_at=NOON)
    _variant(connection, "1", "S", images=[])
    _variant(connection, "2", "", images=["https://shop.example/2.jpg"])
    _variant(connection, "3", "M", title="own", gender="")
    _variant(connection, "4", None, is_parent=None, active=False)
    _variant(connection, "5", "L", deleted_at=NOON)
    _line(connection, "1", "1", "90")
    _line(connection, "2", "2", "90", size_label="M", order_date=datetime(2026, 1, 31, tzinfo=UTC))
    _line(connection, "3", "5", "90")  # the variant is gone, its product is there
    _line(connection, "4", "1", "gone")  # known by its variant
    _line(connection, "5", "77", "7")  # the product has no variant any more
    _line(connection, "6", "88", "88", size_label="40")
    _line(connection, "7", "88", "88", deleted_at=NOON)
    _return(connection, "A", order_id="O1", order_line_id="1", reason_code="22")
    _return(connection, "B", order_id="O2", variant_id="2", reason_label="Too small")
    _return(connection, "C", order_id="O2", variant_id="1", reason_code="")
    _return(connection, "D", order_id="O9", order_line_id="99")


def _by_name(found: Readiness) -> dict[str, Measure]:
    return {measure.name: measure for measure in found.measures}


def test_every_measure_is_counted(connection: Connection) -> None:
    _shop(connection)
    other = Connection.objects.create(tenant=uuid4(), platform="magento")
    _shop(other)
    found = _by_name(readiness.measure(connection))
    assert {name: (m.number, m.of) for name, m in found.items() if "fresh" not in name} == {
        "variants_without_size": (2, 4),
        "products_with_one_variant": (2, 3),  # 90 has 1 and 2; 100 has 3; 4 stands alone
        "order_lines_of_unknown_products": (2, 6),
        "months_of_history": (2, None),
        "returns_matched_to_an_order_line": (2, 4),
        "returns_with_a_reason": (2, 4),
    }


def test_what_is_counted_is_what_an_export_has(connection: Connection) -> None:
    _shop(connection)
    products = list(exporting.read(connection, PRODUCTS))
    lines = list(exporting.read(connection, ORDERS))
    found = readiness.measure(connection)
    coverage = {c.column: (c.rows, c.of) for c in found.coverage["products"]}
    blank = (None, "", [], {})
    for column in (column.name for column in PRODUCTS.columns if column.required):
        filled = sum(row[column] not in blank for row in products)
        assert coverage[column] == (filled, len(products)), column
    known = {row["product_id"] for row in products}
    unknown = sum(line["product_id"] not in known for line in lines)
    assert _by_name(found)["order_lines_of_unknown_products"].number == unknown == 2
    sizes = {c.column: c.rows for c in found.coverage["orders"]}["size_label"]
    assert sizes == sum(bool(line["size_label"]) for line in lines) == 5


def test_volumes_are_counted_by_month_in_utc(connection: Connection) -> None:
    east = datetime.fromisoformat("2026-02-01T01:00:00+02:00")  # still January in UTC
    _line(connection, "1", "1", "1", order_date=east)
    _line(connection, "2", "1", "1", order_date=NOON)
    _line(connection, "3", "1", "1", order_date=NOON)
    _store(connection, "customers", customer_ref="a", created_at=None)
    assert readiness.measure(connection).volumes == {
        "orders": {"2026-01": 1, "2026-03": 2},
        "returns": {},
        "customers": {},
    }


def test_freshness_is_the_oldest_end_of_a_complete_pull(connection: Connection) -> None:
    now = timezone.now()
    for scope, hours in (("fr", 1), ("en", 50)):
        cursor = Cursor.objects.create(
            connection=connection, resource="products", scope=scope, due_at=now
        )
        for state, ago in ((PullRun.State.DONE, hours), (PullRun.State.FAILED, 0)):
            PullRun.objects.create(
                cursor=cursor, state=state, until=now, finished_at=now - timedelta(hours=ago)
            )
    _variant(connection, "1", "S", scope="fr", remote_updated_at=NOON)
    lines = {line.dataset: line for line in readiness.measure(connection).freshness}
    assert (lines["products"].rows, lines["products"].hours) == (1, 50)
    assert lines["products"].newest == NOON
    assert lines["products"].verdict is Verdict.DOES_NOT_BLOCK
    assert (lines["orders"].rows, lines["orders"].hours) == (0, None)


def test_the_titles_of_the_shops_own_store_view_are_counted(connection: Connection) -> None:
    for scope in ("fr", "en"):
        Cursor.objects.create(connection=connection, resource="products", scope=scope)
        _parent(connection, "90", ["1"], scope=scope)
        _variant(connection, "1", "S" if scope == "fr" else None, scope=scope)
    numbers = {
        scope: _by_name(readiness.measure(connection, scope))["variants_without_size"].number
        for scope in ("fr", "en", "", "unknown")
    }
    assert numbers == {"fr": 0, "en": 1, "": 0, "unknown": 0}


def test_the_number_of_queries_does_not_depend_on_the_rows(
    connection: Connection, django_assert_num_queries: Any
) -> None:
    from django.db import connection as database
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(database) as empty:
        readiness.measure(connection)
    _shop(connection)
    with django_assert_num_queries(len(empty)):
        readiness.measure(connection)


# --- judged from the numbers alone ---


def _facts(**values: Any) -> Facts:
    months = {f"2025-{month:02}": 10 for month in range(1, 13)}
    good: dict[str, Any] = {
        "variants": 100,
        "products": 20,
        "order_lines": 1000,
        "returns": 200,
        "returns_matched": 200,
        "returns_with_reason": 200,
        "volumes": {"orders": months},
        "arrivals": {"orders": Arrival(rows=1000, looked_at=NOON, newest=NOON)},
    }
    return Facts(**{**good, **values})


def _judged(**values: Any) -> Readiness:
    return readiness.judge(_facts(**values), now=NOON + timedelta(hours=1))


def test_good_data_asks_for_nothing() -> None:
    found = _judged()
    assert found.is_ok
    assert {measure.verdict for measure in found.measures} == {Verdict.GOOD}
    assert {measure.next_step for measure in found.measures} == {""}


@pytest.mark.parametrize(
    ("name", "values", "verdict"),
    [
        ("variants_without_size", {"variants_without_size": 2}, "good"),
        ("variants_without_size", {"variants_without_size": 3}, "does_not_block"),
        ("variants_without_size", {"variants_without_size": 20}, "does_not_block"),
        ("variants_without_size", {"variants_without_size": 21}, "blocks_go_live"),
        ("variants_without_size", {"variants": 0}, "blocks_go_live"),
        ("products_with_one_variant", {"products_with_one_variant": 4}, "good"),
        ("products_with_one_variant", {"products_with_one_variant": 16}, "does_not_block"),
        ("products_with_one_variant", {"products_with_one_variant": 17}, "blocks_go_live"),
        ("order_lines_of_unknown_products", {"order_lines_unknown": 100}, "good"),
        ("order_lines_of_unknown_products", {"order_lines_unknown": 501}, "blocks_go_live"),
        ("order_lines_of_unknown_products", {"order_lines": 0}, "blocks_go_live"),
        ("months_of_history", {"volumes": {"orders": {"2026-01": 5}}}, "blocks_go_live"),
        ("months_of_history", {"volumes": {}}, "blocks_go_live"),
        ("returns_matched_to_an_order_line", {"returns_matched": 190}, "good"),
        ("returns_matched_to_an_order_line", {"returns_matched": 100}, "does_not_block"),
        ("returns_matched_to_an_order_line", {"returns_matched": 99}, "blocks_go_live"),
        ("returns_matched_to_an_order_line", {"returns": 0}, "does_not_block"),
        ("returns_with_a_reason", {"returns_with_reason": 0}, "does_not_block"),
    ],
)
def test_a_threshold_decides(name: str, values: dict[str, Any], verdict: str) -> None:
    found = _judged(**values)
    assert _by_name(found)[name].verdict == verdict
    assert found.is_ok == (verdict != "blocks_go_live")


@pytest.mark.parametrize(
    ("dataset", "hours", "verdict"),
    [
        ("orders", 48, "good"),
        ("orders", 49, "does_not_block"),
        ("orders", 169, "blocks_go_live"),
        ("returns", 1000, "does_not_block"),
    ],
)
def test_only_what_is_needed_blocks_when_it_is_old(dataset: str, hours: int, verdict: str) -> None:
    arrival = Arrival(rows=1, looked_at=NOON - timedelta(hours=hours - 1), newest=None)
    found = _by_name(_judged(arrivals={dataset: arrival}))[f"freshness_of_{dataset}"]
    assert (found.number, found.verdict) == (hours, verdict)


def test_a_measure_says_its_numbers_and_what_to_do() -> None:
    found = _by_name(_judged(variants=12_345, variants_without_size=4_321))["variants_without_size"]
    assert found.sentence == "Variants without a size: 4,321 of 12,345 (35%)."
    assert found.next_step.startswith("Tell us which attribute of your shop holds the size")


def test_the_json_form_has_every_number() -> None:
    document = _judged(returns_matched=150).to_json()
    assert (document["ok"], document["measured_at"]) == (True, "2026-03-01T13:00:00+00:00")
    [matched] = [m for m in document["measures"] if m["name"].startswith("returns_matched")]
    assert {key: matched[key] for key in ("ok", "severity", "number", "of", "share")} == {
        "ok": False,
        "severity": "does_not_block",
        "number": 150,
        "of": 200,
        "share": 0.75,
    }
    assert document["freshness"] == [
        {
            "dataset": "orders",
            "rows": 1000,
            "looked_at": "2026-03-01T12:00:00+00:00",
            "newest": "2026-03-01T12:00:00+00:00",
            "hours": 1,
        }
    ]


def test_some_is_never_shown_as_none_nor_almost_all_as_all() -> None:
    shares = (0, 0.00001, 0.0042, 0.095, 0.5, 0.9949, 0.99999, 1)
    assert [percent(share) for share in shares] == [
        *("0%", "0.1%", "0.4%", "9.5%", "50%", "99.5%", "99.9%", "100%"),
    ]


def test_limits_hold_at_their_value() -> None:
    more = Limits(good=12, blocks=3, more_is_better=True)
    assert [more.judge(value) for value in (12, 11, 3, 2)] == [
        *(Verdict.GOOD, Verdict.DOES_NOT_BLOCK, Verdict.DOES_NOT_BLOCK, Verdict.BLOCKS)
    ]


def test_the_sentences_are_in_the_readers_language() -> None:
    with translation.override("fr"):
        found = _by_name(_judged(variants_without_size=3))["variants_without_size"]
    assert found.sentence == "Déclinaisons sans taille\u00a0: 3 sur 100 (3,0\u00a0%)."
