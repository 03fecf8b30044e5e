"""The check: every resource on its own line, all of them, saved as they come."""

import threading
from collections.abc import Iterator

import pytest

from connectors import checking, pulling
from connectors.errors import (
    AddressError,
    CredentialsError,
    NotAvailableError,
    PermissionMissingError,
    ShopDownError,
    UnexpectedAnswerError,
)
from connectors.models import Check, CheckLine, Connection, PullRun
from tests.connectors.fake_platform import FakeConnector, FakeShop

NAMES = ["modules", "orders", "products", "stock", "customers"]
MISSING = {"permission": "Sales::view", "path": "Sales > View"}


def checked(connection: Connection) -> Check:
    return checking.run(checking.start(connection))


def statuses(check: Check) -> dict[str, str]:
    return dict(check.lines.values_list("resource", "status"))


def line(check: Check, name: str) -> CheckLine:
    return check.lines.get(resource=name)


def test_a_check_begins_with_a_line_for_every_resource_in_the_platforms_order(fake_connection):
    check = checking.start(fake_connection)
    assert [one.resource for one in check.lines.order_by("pk")] == NAMES
    assert statuses(check) == dict.fromkeys(NAMES, "not_tested")
    assert (check.finished_at, checking.is_ok(check)) == (None, False)


def test_a_good_shop_is_ready_line_by_line(fake_connection, fake_shop):
    fake_shop.counts = {"orders": 4321}
    check = checked(fake_connection)
    assert statuses(check) == dict.fromkeys(NAMES, "ready")
    orders = line(check, "orders")
    assert (orders.count, orders.http_status, orders.request_id) == (4321, 200, "r-1")
    assert (orders.error, orders.message) == ("", "")
    assert orders.answered_at is not None
    assert check.finished_at is not None
    assert checking.is_ok(check)
    fake_connection.refresh_from_db()
    assert fake_connection.health == "working"
    assert fake_connection.proved_at is not None


def test_every_failure_has_its_own_line_and_hides_no_other(fake_connection, fake_shop):
    fake_shop.refusals = {
        "modules": CredentialsError(http_status=401, detail="bad signature"),
        "orders": PermissionMissingError(http_status=401, **MISSING),
        "products": ShopDownError(http_status=503),
        "stock": NotAvailableError(http_status=404),
        "customers": UnexpectedAnswerError(),
    }
    check = checked(fake_connection)
    assert statuses(check) == {
        "modules": "credentials",
        "orders": "missing_permission",
        "products": "unreachable",
        "stock": "not_available",
        "customers": "failed",
    }
    orders = line(check, "orders")
    assert (orders.error, orders.params, orders.http_status) == ("permission_missing", MISSING, 401)
    assert orders.message == "A permission is missing: Sales > View (Sales::view)."
    assert line(check, "modules").detail == "bad signature"


def test_no_rows_is_a_warning_that_blocks_nothing(fake_connection, fake_shop):
    fake_shop.counts = {"orders": 0}
    check = checked(fake_connection)
    assert line(check, "orders").status == "empty"
    assert checking.is_ok(check)


@pytest.mark.parametrize(
    ("refused", "is_ok"), [("orders", False), ("products", False), ("stock", True)]
)
def test_only_what_is_required_blocks(fake_connection, fake_shop, refused, is_ok):
    fake_shop.refusals = {refused: PermissionMissingError(**MISSING)}
    assert checking.is_ok(checked(fake_connection)) is is_ok


def test_severity_follows_from_the_resource():
    assert checking.severity(FakeConnector.resource("orders")) == "blocks_go_live"
    assert checking.severity(FakeConnector.resource("stock")) == "does_not_block"


def test_a_bug_in_one_probe_stays_on_its_line(fake_connection, monkeypatch, caplog):
    honest = FakeConnector.probe

    def buggy(self, resource):
        if resource.name == "orders":
            raise ZeroDivisionError("jane@example.com")
        return honest(self, resource)

    monkeypatch.setattr(FakeConnector, "probe", buggy)
    check = checked(fake_connection)
    assert statuses(check) == {**dict.fromkeys(NAMES, "ready"), "orders": "failed"}
    assert (line(check, "orders").error, line(check, "orders").detail) == (
        "failed",
        "ZeroDivisionError",
    )
    assert "the probe of orders failed" in caplog.text


def test_probes_run_at_once_and_lines_are_saved_as_they_answer(fake_connection, fake_shop):
    """Every probe waits until as many as may run at once have begun; more would not begin."""
    together = threading.Barrier(4)
    begun: list[int] = []

    def meet() -> None:
        begun.append(1)
        if len(begun) <= 4:
            together.wait(timeout=30)

    fake_shop.before_answer = meet
    check, seen = checking.start(fake_connection), []
    checking.run(
        check,
        on_line=lambda one: seen.append((one.resource, line(check, one.resource).status)),
    )
    assert sorted(seen) == sorted((name, "ready") for name in NAMES)


@pytest.fixture
def stuck() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


def test_a_shop_that_does_not_answer_ends_the_check_all_the_same(
    fake_connection, fake_shop, settings, monkeypatch, stuck
):
    settings.CHECK_SECONDS = 0.2
    honest = FakeConnector.probe

    def slow(self, resource):
        if resource.name in {"orders", "stock"}:
            stuck.wait(timeout=60)
        return honest(self, resource)

    monkeypatch.setattr(FakeConnector, "probe", slow)
    check = checked(fake_connection)
    assert statuses(check) == {
        **dict.fromkeys(NAMES, "ready"), "orders": "unreachable", "stock": "unreachable",
    }  # fmt: skip
    assert line(check, "orders").error == "check_timeout"
    assert check.finished_at is not None


def test_a_connection_that_cannot_be_opened_is_said_on_every_line(fake_connection, monkeypatch):
    monkeypatch.setattr(FakeConnector, "secret_names", ("key",))
    check = checked(fake_connection)
    assert statuses(check) == dict.fromkeys(NAMES, "credentials")
    assert line(check, "orders").error == "secrets_missing"
    fake_connection.refresh_from_db()
    assert fake_connection.health == "failing"


@pytest.mark.parametrize(
    ("errors", "health"),
    [
        ([CredentialsError()], "failing"),
        ([AddressError()], "failing"),
        ([ShopDownError(), CredentialsError()], "failing"),
        ([ShopDownError()], "unknown"),  # says nothing about the credentials
        ([NotAvailableError()], "unknown"),
        ([PermissionMissingError(**MISSING), NotAvailableError()], "working"),
    ],
)
def test_what_a_check_says_of_the_credentials(fake_connection, fake_shop, errors, health):
    fake_shop.refusals = {name: errors[at % len(errors)] for at, name in enumerate(NAMES)}
    checked(fake_connection)
    fake_connection.refresh_from_db()
    assert fake_connection.health == health


# --- testing again ---


def test_one_line_is_tested_again_and_the_others_keep_what_they_said(fake_connection, fake_shop):
    fake_shop.refusals = {
        "orders": PermissionMissingError(**MISSING),
        "stock": NotAvailableError(),
    }
    first = checked(fake_connection)
    fake_shop.refusals = {}
    again = checking.start_again(fake_connection, "orders")
    assert (again.pk, again.finished_at) == (first.pk, None)
    orders = line(again, "orders")
    assert (orders.status, orders.error, orders.answered_at) == ("not_tested", "", None)
    checking.run(again)
    assert statuses(again) == {**dict.fromkeys(NAMES, "ready"), "stock": "not_available"}
    assert again.finished_at is not None


def test_testing_again_without_a_check_tests_everything(fake_connection):
    check = checking.start_again(fake_connection, "orders")
    assert statuses(check) == dict.fromkeys(NAMES, "not_tested")


def test_testing_an_unknown_resource_again_changes_nothing(fake_connection):
    check = checked(fake_connection)
    with pytest.raises(KeyError):
        checking.start_again(fake_connection, "no such")
    check.refresh_from_db()
    assert check.finished_at is not None


def test_one_line_can_be_named(fake_connection):
    check = checking.start(fake_connection)
    checking.run(check, only="orders")
    assert statuses(check) == {**dict.fromkeys(NAMES, "not_tested"), "orders": "ready"}
    assert check.finished_at is None


def test_a_check_that_is_run_twice_asks_nothing_twice(fake_connection, fake_shop):
    check = checked(fake_connection)
    answered = list(check.lines.values_list("answered_at", flat=True))
    fake_shop.before_answer = lambda: pytest.fail("asked again")
    checking.run(check)
    assert list(check.lines.values_list("answered_at", flat=True)) == answered


def test_a_line_of_a_resource_that_is_no_more_does_not_keep_the_check_open(fake_connection):
    check = checking.start(fake_connection)
    CheckLine.objects.create(check_run=check, resource="gone")
    checking.run(check)
    assert check.finished_at is not None


# --- what follows ---


@pytest.mark.parametrize(("mended", "is_due"), [(True, True), (False, False)])
def test_a_pull_that_failed_need_not_wait_once_the_line_is_good(
    fake_connection, fake_shop: FakeShop, mended, is_due
):
    def refuse() -> None:
        raise PermissionMissingError(**MISSING)

    fake_shop.before_answer = refuse
    run = pulling.pull(fake_connection, "orders")
    assert run.state == PullRun.State.FAILED
    waits_until = run.cursor.due_at
    fake_shop.before_answer = lambda: None
    if not mended:
        fake_shop.refusals = {"orders": PermissionMissingError(**MISSING)}
    checked(fake_connection)
    run.cursor.refresh_from_db()
    assert (run.cursor.due_at < waits_until) is is_due
