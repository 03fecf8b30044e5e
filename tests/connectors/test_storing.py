"""The bulk upsert: the newest wins, what is the same is not written, on both databases alike."""

import uuid
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection as database
from django.db import transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors import storing
from connectors.datasets import CUSTOMERS, DATASETS, ORDERS, PRODUCTS, RETURN_REASONS, Type
from connectors.errors import UnexpectedAnswerError
from connectors.models import TABLES, Connection, ProductLink
from connectors.storing import Counts

T1 = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
T0, T2 = T1 - timedelta(seconds=1), T1 + timedelta(seconds=1)


@pytest.fixture
def connection(db: None) -> Connection:
    return Connection.objects.create(tenant=uuid.uuid4(), platform="magento")


def order(line: int = 1, at: datetime | None = T1, **values: Any) -> dict[str, Any]:
    given = {"order_id": "7", "order_date": T0, "quantity": Decimal(2), "status": "new", **values}
    return ORDERS.row(line_id=str(line), product_id="1", variant_id="2", updated_at=at, **given)


def product(id: str, at: datetime = T1, **values: Any) -> dict[str, Any]:
    return PRODUCTS.row(product_id=id, variant_id=id, updated_at=at, **values)


def store(connection: Connection, *rows: dict[str, Any], **options: Any) -> Counts:
    dataset = PRODUCTS if "is_parent" in rows[0] else ORDERS
    return storing.store(connection, dataset, rows, **options)


def statuses(connection: Connection) -> dict[str, str]:
    found = TABLES["orders"].objects.filter(connection=connection)
    return dict(found.values_list("line_id", "status"))


def links(connection: Connection) -> set[tuple[str, str]]:
    found = ProductLink.objects.filter(connection=connection)
    return set(found.values_list("product_id", "variant_id"))


# --- which version wins ---


def test_new_rows_are_created(connection):
    assert store(connection, order(1), order(2)) == Counts(created=2)
    assert statuses(connection) == {"1": "new", "2": "new"}


def test_a_newer_version_replaces_an_older_one(connection):
    store(connection, order(1, T1), order(2, T1))
    assert store(connection, order(1, T2, status="sent")) == Counts(updated=1)
    assert statuses(connection) == {"1": "sent", "2": "new"}


def test_an_older_version_changes_nothing(connection):
    store(connection, order(1, T1))
    assert store(connection, order(1, T0, status="sent")) == Counts(unchanged=1)
    assert statuses(connection) == {"1": "new"}


def test_the_same_moment_with_other_values_is_taken(connection):
    store(connection, order(1, T1))
    assert store(connection, order(1, T1, status="sent")) == Counts(updated=1)
    assert statuses(connection) == {"1": "sent"}


@pytest.mark.parametrize(("stored_at", "given_at"), [(None, None), (None, T1), (T1, None)])
def test_a_version_without_date_replaces_and_is_replaced(connection, stored_at, given_at):
    store(connection, order(1, stored_at))
    assert store(connection, order(1, given_at, status="sent")) == Counts(updated=1)
    assert statuses(connection) == {"1": "sent"}


def test_a_row_that_differs_in_nothing_is_not_written(connection):
    with time_machine.travel(T1, tick=False):
        store(connection, order(1), order(2))
    with time_machine.travel(T2, tick=False):
        assert store(connection, order(1), order(2, status="sent")) == Counts(
            updated=1, unchanged=1
        )
    seen = TABLES["orders"].objects.order_by("line_id").values_list("seen_at", flat=True)
    assert list(seen) == [T1, T2]


def test_a_newer_date_alone_is_a_difference(connection):
    store(connection, order(1, T1))
    assert store(connection, order(1, T2)) == Counts(updated=1)
    assert TABLES["orders"].objects.get().remote_updated_at == T2


@pytest.mark.parametrize("at", [T0, T1, T2])
def test_a_deleted_row_that_comes_back_lives_again(connection, at):
    store(connection, order(1, T1))
    TABLES["orders"].objects.update(deleted_at=T2)
    assert store(connection, order(1, at)) == Counts(updated=1)
    row = TABLES["orders"].objects.get()
    assert (row.deleted_at, row.remote_updated_at) == (None, at)


def test_the_newest_of_a_key_that_comes_twice_in_a_page_wins(connection):
    rows = [order(1, T2, status="newest"), order(2), order(1, T1, status="older"), order(1, None)]
    assert store(connection, *rows) == Counts(created=2)
    assert statuses(connection) == {"1": "newest", "2": "new"}


def test_of_equals_in_a_page_the_last_wins(connection):
    rows = [order(1, T1, status="first"), order(1, T1, status="last")]
    assert store(connection, *rows) == Counts(created=1)
    assert statuses(connection) == {"1": "last"}


def test_a_dataset_without_date_takes_what_comes(connection):
    def reason(label: str) -> dict[str, Any]:
        return RETURN_REASONS.row(code="22", label=label, language="en")

    assert storing.store(connection, RETURN_REASONS, [reason("Too small")]) == Counts(created=1)
    assert storing.store(connection, RETURN_REASONS, [reason("Too small")]) == Counts(unchanged=1)
    assert storing.store(connection, RETURN_REASONS, [reason("Small")]) == Counts(updated=1)


def test_connections_and_store_views_do_not_meet(connection):
    other = Connection.objects.create(tenant=connection.tenant, platform="magento")
    assert store(connection, order(1)) == Counts(created=1)
    assert store(other, order(1)) == Counts(created=1)
    assert store(connection, product("1"), scope="fr") == Counts(created=1)
    assert store(connection, product("1"), scope="en") == Counts(created=1)
    assert store(connection, product("1"), scope="fr") == Counts(unchanged=1)


def test_the_origin_is_that_of_the_version_that_was_taken(connection):
    store(connection, order(1), origin="file")
    store(connection, order(1), origin="api")
    assert TABLES["orders"].objects.get().origin == "file"
    store(connection, order(1, T2), origin="api")
    assert TABLES["orders"].objects.get().origin == "api"


def test_an_empty_page_is_nothing(connection, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert storing.store(connection, ORDERS, []) == Counts()


def test_a_page_costs_the_same_statements_whatever_its_size(connection):
    def statements(size: int) -> int:
        with CaptureQueriesContext(database) as captured:
            store(connection, *[order(line) for line in range(size)])
        return len(captured)

    statements(1)  # PostgreSQL: a session's first page makes the table that it is copied to
    assert statements(2) == statements(400)


def test_what_is_rolled_back_was_never_there(connection):
    with transaction.atomic():
        store(connection, order(1))
        transaction.set_rollback(True)
    assert statuses(connection) == {}
    assert store(connection, order(1)) == Counts(created=1)


# --- values ---


def test_every_type_comes_back_as_it_went_in(connection):
    paris = timezone(timedelta(hours=1))
    given = product(
        "1",
        datetime(2026, 3, 1, 13, 0, 0, 123456, tzinfo=paris),
        title="Robe « Été »\t\\N\n\\.",
        images=["https://shop.example/a.jpg", "b"],
        dimensions={"length": "102 cm", "bust": "90"},
        price=Decimal("93.9100"),
        active=True,
        is_new=False,
        brand="",
    )
    assert store(connection, given) == Counts(created=1)
    row = TABLES["products"].objects.get()
    for name in ("title", "images", "dimensions", "price", "active", "is_new", "brand", "color"):
        assert getattr(row, name) == given[name], name
    assert row.remote_updated_at == datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
    assert store(connection, given) == Counts(unchanged=1)


def test_the_order_of_an_objects_names_is_no_difference(connection):
    store(connection, product("1", dimensions={"a": "1", "b": "2"}))
    assert store(connection, product("1", dimensions={"b": "2", "a": "1"})) == Counts(unchanged=1)


@pytest.mark.parametrize("name", [c.name for c in PRODUCTS.stored if c.name != "variant_id"])
def test_a_difference_in_any_column_is_seen(connection, name):
    samples = {
        Type.TEXT: "x",
        Type.INTEGER: 1,
        Type.DECIMAL: Decimal("0.01"),
        Type.BOOLEAN: False,
        Type.DATE_TIME: T2,
        Type.LIST: ["x"],
        Type.OBJECT: {"x": "y"},
    }
    column = next(column for column in PRODUCTS.stored if column.name == name)
    store(connection, product("1"))
    changed = {**product("1"), name: samples[column.type]}
    assert storing.store(connection, PRODUCTS, [changed]) == Counts(updated=1)
    assert storing.store(connection, PRODUCTS, [changed]) == Counts(unchanged=1)


def test_text_is_stored_as_it_is_whatever_is_in_it(connection):
    odd = ["tab\there", "line\nfeed\r", "back\\slash", "\\N", "\\.", "", "\b\v\f", "“é”", None]
    store(connection, *[order(at, status=text) for at, text in enumerate(odd)])
    assert statuses(connection) == {str(at): text for at, text in enumerate(odd)}
    again = store(connection, *[order(at, status=text) for at, text in enumerate(odd)])
    assert again == Counts(unchanged=len(odd))


def test_a_nul_character_is_dropped_and_nothing_else(connection):
    given = product("1", title="a\0b", images=["c\0d", "\\u0000"], dimensions={"e\0": "f"})
    assert store(connection, given) == Counts(created=1)
    row = TABLES["products"].objects.get()
    assert (row.title, row.images, row.dimensions) == ("ab", ["cd", "\\u0000"], {"e": "f"})
    assert store(connection, given) == Counts(unchanged=1)


def test_a_datetime_without_zone_is_refused(connection):
    with pytest.raises(ValueError, match=r"orders\.order_date: a datetime without a zone"):
        store(connection, order(1, order_date=datetime(2026, 1, 1)))  # noqa: DTZ001
    assert statuses(connection) == {}


def test_a_value_that_does_not_fit_is_named_and_nothing_is_stored(connection):
    rows = [order(1), order(2, price=Decimal(10) ** 15)]
    if database.vendor == "postgresql":
        with (
            pytest.raises(UnexpectedAnswerError) as refused,
            transaction.atomic(),
        ):
            store(connection, *rows)
        assert refused.value.detail == "price of orders 2 does not fit its column"
        assert statuses(connection) == {}
    else:  # SQLite has no limit to refuse by
        assert store(connection, *rows) == Counts(created=2)


def test_a_number_too_large_for_any_database_is_named(connection):
    row = CUSTOMERS.row(customer_ref="c", birth_year=2**63)
    with pytest.raises(UnexpectedAnswerError) as refused, transaction.atomic():
        storing.store(connection, CUSTOMERS, [row])
    assert refused.value.detail == "birth_year of customers c does not fit its column"
    assert not TABLES["customers"].objects.exists()


@pytest.mark.parametrize("dataset", DATASETS.values(), ids=DATASETS)
def test_every_dataset_can_be_stored(connection, dataset):
    row = dataset.row(**dict.fromkeys(dataset.key, "k"))
    assert storing.store(connection, dataset, [row]) == Counts(created=1)
    assert storing.store(connection, dataset, [row]) == Counts(unchanged=1)


VERSIONS = st.lists(
    st.lists(
        st.tuples(st.integers(1, 4), st.sampled_from([None, T0, T1, T2]), st.sampled_from("abc")),
        max_size=6,
    ),
    max_size=6,
)


@given(pages=VERSIONS)
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    print_blob=True,
)
def test_any_pages_leave_what_the_rule_says_and_are_counted_right(connection, pages):
    """Against the rule written down row by row."""
    TABLES["orders"].objects.all().delete()
    expected: dict[int, tuple[datetime | None, str]] = {}
    for page in pages:
        in_page: dict[int, tuple[datetime | None, str]] = {}
        for line, at, status in page:
            if line not in in_page or (at or T0.min.replace(tzinfo=UTC)) >= (
                in_page[line][0] or T0.min.replace(tzinfo=UTC)
            ):
                in_page[line] = (at, status)
        made = changed = 0
        for line, (at, status) in in_page.items():
            known = expected.get(line)
            if known is None:
                made += 1
            elif known == (at, status) or (known[0] and at and at < known[0]):
                continue
            else:
                changed += 1
            expected[line] = (at, status)
        rows = [order(line, at, status=status) for line, at, status in page]
        counts = storing.store(connection, ORDERS, rows)
        assert (counts.created, counts.updated) == (made, changed)
        assert counts.unchanged == len(in_page) - made - changed
    assert statuses(connection) == {str(line): status for line, (_, status) in expected.items()}


# --- which variant belongs to which product ---


def parent(id: str, *children: str, at: datetime = T1, **values: Any) -> dict[str, Any]:
    return product(id, at, is_parent=True, children=list(children), **values)


def test_a_products_links_are_those_of_its_own_record(connection):
    store(connection, parent("10", "1", "2"), parent("20", "2"), product("1"), product("2"))
    assert links(connection) == {("10", "1"), ("10", "2"), ("20", "2")}
    store(connection, parent("10", "2", "3", at=T2))
    assert links(connection) == {("10", "2"), ("10", "3"), ("20", "2")}


def test_an_older_record_of_a_product_does_not_take_its_links_back(connection):
    store(connection, parent("10", "1", "2"))
    assert store(connection, parent("10", "1", at=T0)) == Counts(unchanged=1)
    assert links(connection) == {("10", "1"), ("10", "2")}


def test_a_product_without_variants_any_more_loses_its_links(connection):
    store(connection, parent("10", "1"))
    store(connection, parent("10", at=T2))
    assert links(connection) == set()
    store(connection, parent("10", "1", at=T2))
    store(connection, product("10", T2, is_parent=False))
    assert links(connection) == set()


def test_links_of_store_views_and_connections_do_not_meet(connection):
    other = Connection.objects.create(tenant=connection.tenant, platform="magento")
    store(connection, parent("10", "1"), scope="fr")
    store(connection, parent("10", "2"), scope="en")
    store(other, parent("10", "3"), scope="fr")
    store(connection, parent("10", at=T2), scope="en")
    assert links(connection) == {("10", "1")}
    assert links(other) == {("10", "3")}
