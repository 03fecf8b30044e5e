"""Which of several sources is pulled: as configured, as the check found, as pulled before, else as asked."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from connectors import checking, choosing, connections, pulling
from connectors.datasets import RETURNS
from connectors.magento.client import SECRET_NAMES
from connectors.models import TABLES, CheckLine, Connection, Cursor, PullRun
from connectors.sandbox.magento.shop import SandboxShop
from connectors.sandbox.server import serve

pytestmark = pytest.mark.django_db
ANCHOR = datetime(2026, 6, 1, 12, tzinfo=UTC)
RMA, MEMOS, REASONS = "returns", "creditmemos", "returnsAttributeMetadata"
SOURCES, ITEMS = "inventory", "stockItems"


@pytest.fixture
def shop() -> SandboxShop:
    return SandboxShop(orders=24, styles=4, anchor=ANCHOR, is_commerce=True)


@pytest.fixture
def url(shop: SandboxShop) -> Iterator[str]:
    with serve(shop) as served:
        yield served.url


def connected(shop: SandboxShop, url: str, who: str = "read", **config: object) -> Connection:
    known = shop.integrations[who]
    connection = Connection(tenant=uuid.uuid4(), platform="magento")
    connections.set_credentials(
        connection,
        config={"url": url, **config},
        secrets={name: getattr(known, name) for name in SECRET_NAMES},
        by="",
    )
    return connection


def names(connection: Connection) -> set[str]:
    several = {RMA, MEMOS, REASONS, SOURCES, ITEMS}
    return several & {cursor.resource for cursor in pulling.cursors(connection)}


def live(connection: Connection) -> set[str]:
    found = TABLES[RETURNS.name].objects.filter(connection=connection, deleted_at=None)
    return set(found.values_list("source", flat=True))


def test_a_shop_that_was_never_tested_is_asked(shop: SandboxShop, url: str) -> None:
    assert names(connected(shop, url)) == {RMA, REASONS, SOURCES}
    shop.is_commerce = False
    assert names(connected(shop, url)) == {MEMOS, SOURCES}


def test_the_check_is_believed_without_a_question(shop: SandboxShop, url: str) -> None:
    connection = connected(shop, url)
    shop.is_commerce = False
    checking.run(checking.start(connection))
    asked = len(shop.log)
    assert names(connection) == {MEMOS, SOURCES}
    assert len(shop.log) == asked
    found = {name: one and one.name for name, one in choosing.sources(connection).items()}
    assert found == {"returns": MEMOS, "stock": SOURCES}


def test_what_the_permissions_do_not_give_is_sent_as_files(shop: SandboxShop, url: str) -> None:
    connection = connected(shop, url, who="nothing")
    checking.run(checking.start(connection))
    assert choosing.sources(connection) == {"returns": None, "stock": None}
    assert names(connection) == set()


def test_stock_by_product_stands_in_for_sources_that_may_not_be_read(
    shop: SandboxShop, url: str
) -> None:
    held = shop.integrations["read"].resources or frozenset()
    shop.integrations["read"].resources = held - {"Magento_InventoryApi::source"}
    connection = connected(shop, url)
    assert names(connection) & {SOURCES, ITEMS} == {ITEMS}
    run = pulling.pull(connection, ITEMS)
    assert (run.state, run.error) == (PullRun.State.DONE, "")
    assert run.created > 0
    assert pulling.pull(connection, ITEMS).created == 0


def test_returns_that_a_shop_has_none_of_give_way_to_credit_memos(
    shop: SandboxShop, url: str
) -> None:
    shop.tables["returns"].records.clear()
    connection = connected(shop, url)
    assert RMA not in names(connection)
    checking.run(checking.start(connection))
    assert connection.checks.get().lines.get(resource=RMA).status == CheckLine.Status.EMPTY
    assert names(connection) == {MEMOS, SOURCES}


def test_a_source_that_was_pulled_is_kept_while_the_shop_says_nothing_else(
    shop: SandboxShop, url: str
) -> None:
    shop.is_commerce = False
    connection = connected(shop, url)
    assert pulling.pull(connection, MEMOS).state == PullRun.State.DONE
    shop.is_commerce = True  # nobody tested it since
    asked = len(shop.log)
    assert MEMOS in names(connection)
    assert [one for one in list(shop.log)[asked:] if "/returns" in one.target] == []


def test_another_source_replaces_the_rows_of_the_one_before(shop: SandboxShop, url: str) -> None:
    connection = connected(shop, url, returns={"source": "credit_memos"})
    assert RMA not in names(connection)
    assert pulling.pull(connection, MEMOS).state == PullRun.State.DONE
    Cursor.objects.filter(connection=connection).update(due_at=ANCHOR)
    assert live(connection) == {"credit_memo"}

    connection.config = {**connection.config, "returns": {"source": "rma"}}
    connection.save()
    assert names(connection) == {RMA, REASONS, SOURCES}
    assert live(connection) == set()
    given_up = Cursor.objects.get(connection=connection, resource=MEMOS)
    assert (given_up.position, given_up.due_at) == (None, None)
    pulling.pull(connection, RMA)
    assert live(connection) == {"rma"}

    connection.config = {**connection.config, "returns": {"source": "credit_memos"}}
    connection.save()
    assert MEMOS in names(connection)
    run = pulling.pull(connection, MEMOS)
    assert (run.state, live(connection)) == (PullRun.State.DONE, {"credit_memo"})
    assert run.fetched == len(shop.tables["creditmemos"].records)


def test_a_pull_of_the_source_before_does_not_go_on(shop: SandboxShop, url: str) -> None:
    connection = connected(shop, url, returns={"source": "rma"}, page_size=2)
    half = pulling.run_slice(pulling.cursor_of(connection, RMA), seconds=0)
    assert half is not None
    assert (half.state, live(connection)) == (PullRun.State.RUNNING, {"rma"})
    connection.config = {**connection.config, "returns": {"source": "credit_memos"}}
    connection.save()
    assert MEMOS in names(connection)
    half.refresh_from_db()
    assert (half.state, live(connection)) == (PullRun.State.STOPPED, set())


def test_rows_that_came_as_files_stay_whatever_is_chosen(shop: SandboxShop, url: str) -> None:
    connection = connected(shop, url, returns={"source": "rma"})
    pulling.cursors(connection)
    pulling.pull(connection, RMA)
    rows = TABLES[RETURNS.name].objects.filter(connection=connection)
    one = rows.first()
    rows.filter(pk=one.pk).update(origin="file", source="file")
    connection.config = {**connection.config, "returns": {"source": "file"}}
    connection.save()
    assert names(connection) == {SOURCES}
    assert live(connection) == {"file"}


def test_quantities_that_a_shop_gives_only_product_by_product_are_not_pulled(
    shop: SandboxShop, url: str
) -> None:
    """The check may read them and still count none: there is no list of them."""
    connection = connected(shop, url)
    check = checking.start(connection)
    missing, ready = CheckLine.Status.MISSING_PERMISSION, CheckLine.Status.READY
    check.lines.filter(resource=SOURCES).update(status=missing)
    check.lines.filter(resource=ITEMS).update(status=ready, count=None)
    assert choosing.sources(connection)["stock"] is None
    check.lines.filter(resource=ITEMS).update(count=0)
    stock = choosing.sources(connection)["stock"]
    assert stock is not None
    assert stock.name == ITEMS


def test_what_was_asked_for_once_and_is_not_there_is_given_up(shop: SandboxShop, url: str) -> None:
    shop.is_commerce = False
    connection = connected(shop, url)
    assert pulling.pull(connection, RMA).state == PullRun.State.FAILED
    pulling.cursors(connection)
    assert not Cursor.objects.filter(connection=connection, resource=RMA).exists()
