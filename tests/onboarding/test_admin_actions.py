"""What support does from the admin: through the engine, in the history of the shop, bounded."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from cryptography.fernet import Fernet
from django.db.models import Model
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from model_bakery import baker

from connectors import holders, pulling, rotation
from connectors.connections import open_connector
from connectors.models import TABLES, Check, Connection, Cursor, PullRun, PullSpan, SeenPage
from connectors.rotation import Column
from kleep_portal import crypto
from onboarding import services, tasks
from onboarding.models import Event, Shop, User
from onboarding.services import repairing
from tests.onboarding.conftest import CONFIG, SECRETS, World
from tests.onboarding.test_access import _everything

WHO, SLUG = "administrator@kleep.example", "maison-paris"


def _list(model: type[Model]) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def _post(client: Client, action: str, *rows: Model, **sent: str) -> Any:
    data = {"action": action, "_selected_action": [str(row.pk) for row in rows], **sent}
    answer = client.post(_list(type(rows[0])), data, follow=True)
    assert answer.status_code == 200
    return answer


def _act(client: Client, action: str, *rows: Model, **sent: str) -> str:
    """The messages that an action gave."""
    return " ".join(map(str, _post(client, action, *rows, **sent).context["messages"]))


def _told(kind: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Of each event of that kind, the oldest first: the shop, who did it, and what it says."""
    events = Event.objects.filter(kind=kind).order_by("pk")
    return [(event.shop_slug, getattr(event.actor, "email", ""), event.data) for event in events]


@pytest.fixture
def cursor(world: World) -> Cursor:
    return Cursor.objects.create(
        connection=world.connection, resource="orders", position_at=timezone.now(), position_id=7
    )


@pytest.fixture
def orphan(world: World) -> Connection:
    """A connection that no shop uses any more."""
    return Connection.objects.create(tenant=world.merchant.pk, platform="magento", config=CONFIG)


@pytest.mark.django_db(transaction=True)
def test_check_again_queues_a_check_of_every_resource(
    world: World, support: Client, queued: Any, orphan: Connection
) -> None:
    said = _act(support, "check_again", world.connection, orphan)
    assert said == ("Checks queued: 1. Of no shop any more, and left alone: 1.")
    check = Check.objects.get()
    resources = [resource.name for resource in world.connection.connector_class.resources]
    assert sorted(check.lines.values_list("resource", flat=True)) == sorted(resources)
    assert queued() == [("connectors.tasks.check_connection", [check.pk])]
    assert _told("check_started") == [(SLUG, WHO, {"check": check.pk})]


@pytest.mark.django_db(transaction=True)
def test_check_again_of_a_shop_says_who_did_it(world: World, support: Client, queued: Any) -> None:
    assert _act(support, "check_again", world.shop) == "Checks queued: 1."
    assert queued() == [("connectors.tasks.check_connection", [Check.objects.get().pk])]
    assert _told("check_started") == [(SLUG, WHO, {"check": Check.objects.get().pk})]


@pytest.mark.django_db(transaction=True)
def test_retry_makes_a_pull_due_and_queues_it(
    world: World, support: Client, queued: Any, cursor: Cursor
) -> None:
    assert _act(support, "retry", cursor) == "Pulls that begin now: 1."
    cursor.refresh_from_db()
    assert cursor.due_at is not None
    assert cursor.due_at <= timezone.now()
    assert queued() == [("connectors.tasks.pull_resource", [cursor.pk])]
    assert _told("pull_retried") == [(SLUG, WHO, {"resource": "orders"})]


@pytest.mark.django_db(transaction=True)
def test_two_runs_of_the_same_data_are_retried_once(
    world: World, support: Client, queued: Any, cursor: Cursor
) -> None:
    runs = [
        PullRun.objects.create(cursor=cursor, until=timezone.now(), state="failed")
        for _number in range(2)
    ]
    assert _act(support, "retry", *runs) == "Pulls that begin now: 1."
    assert queued() == [("connectors.tasks.pull_resource", [cursor.pk])]
    assert _told("pull_retried") == [(SLUG, WHO, {"resource": "orders"})]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("no_queue")
def test_a_retry_is_noted_although_the_queue_is_down(support: Client, cursor: Cursor) -> None:
    assert "our queue does not answer just now" in _act(support, "retry", cursor)
    cursor.refresh_from_db()
    assert cursor.due_at is not None
    assert _told("pull_retried") == [(SLUG, WHO, {"resource": "orders"})]


def test_resetting_a_cursor_asks_for_the_name_of_the_shop(
    world: World, support: Client, cursor: Cursor
) -> None:
    run = PullRun.objects.create(cursor=cursor, until=timezone.now())
    before = _everything()
    page = _post(support, "start_over", cursor)
    assert page.templates[0].name == "admin/typed_confirmation.html"
    text = page.content.decode()
    assert f"orders: was read up to {cursor.position_at:%Y-%m-%d %H:%M} UTC." in text
    assert f"Type “{SLUG}” to confirm" in text
    for wrong in ("", SLUG.title(), SLUG[:-1], "vienna"):
        page = _post(support, "start_over", cursor, typed=wrong)
        assert f"That was something else than {SLUG}. Nothing was done." in page.content.decode()
    assert _everything() == before
    run.refresh_from_db()
    assert run.state == "running"


def test_a_cursor_that_is_reset_forgets_its_position_and_keeps_the_rows(
    world: World, support: Client, cursor: Cursor
) -> None:
    run = PullRun.objects.create(cursor=cursor, until=timezone.now())
    TABLES["orders"]._default_manager.create(
        connection=world.connection, seen_at=timezone.now(), line_id="1", price=Decimal("1")
    )
    stood_at = cursor.position_at.isoformat() if cursor.position_at else ""
    assert _act(support, "start_over", cursor, typed=f" {SLUG} ") == "Cursors that begin anew: 1."
    cursor.refresh_from_db()
    run.refresh_from_db()
    assert (cursor.position, run.state) == (None, "stopped")
    assert TABLES["orders"]._default_manager.count() == 1
    assert _told("cursor_reset") == [(SLUG, WHO, {"resource": "orders", "stood_at": stood_at})]


def test_cursors_of_two_shops_are_not_reset_at_once(
    world: World, support: Client, cursor: Cursor, orphan: Connection
) -> None:
    other = Cursor.objects.create(connection=orphan, resource="orders")
    before = _everything()
    for chosen in ((cursor, other), (other,)):
        said = _act(support, "start_over", *chosen, typed=SLUG)
        assert said == "Choose what belongs to one shop. Nothing was done."
    assert _everything() == before


def _held(cursor: Cursor, *, seconds_ago: int, holder: str = "") -> Cursor:
    """By a worker whose last sign of life is so many seconds old."""
    until = timezone.now() + timedelta(seconds=120 - seconds_ago)
    cursor.lease_token, cursor.lease_until, cursor.lease_holder = uuid4(), until, holder
    cursor.save()
    return cursor


def test_a_lease_of_a_worker_that_fell_silent_is_released(
    world: World, support: Client, cursor: Cursor
) -> None:
    _held(cursor, seconds_ago=90)
    free = Cursor.objects.create(connection=world.connection, resource="customers")
    assert pulling.run_slice(cursor) is None
    assert _act(support, "release_lease", cursor, free) == "Leases released: 1."
    cursor.refresh_from_db()
    assert (cursor.lease_token, cursor.lease_until) == (None, None)
    assert _told("lease_released") == [(SLUG, WHO, {"resource": "orders", "at_work": False})]


def test_a_lease_of_a_worker_that_is_alive_is_released_only_if_that_is_typed(
    world: World, support: Client, cursor: Cursor
) -> None:
    _held(cursor, seconds_ago=10, holder=holders.this_process())
    before = _everything()
    page = _post(support, "release_lease", cursor)
    assert "orders: a worker gave a sign of life not long ago." in page.content.decode()
    _post(support, "release_lease", cursor, typed="atelier")
    assert _everything() == before
    assert _act(support, "release_lease", cursor, typed=SLUG) == "Leases released: 1."
    assert _told("lease_released") == [(SLUG, WHO, {"resource": "orders", "at_work": True})]


def test_a_lease_of_a_process_that_is_gone_needs_no_word(support: Client, cursor: Cursor) -> None:
    here, _, _began = holders.this_process().rpartition(":")
    _held(cursor, seconds_ago=10, holder=f"{here}:1")  # that process, begun at another moment
    assert _act(support, "release_lease", cursor) == "Leases released: 1."


def test_a_lease_that_somebody_else_took_meanwhile_stays(world: World, cursor: Cursor) -> None:
    _held(cursor, seconds_ago=90)
    read = Cursor.objects.get(pk=cursor.pk)
    _held(cursor, seconds_ago=0)
    by = world.people["manager"]
    assert repairing.release_lease(world.shop, read, by=by) is False
    cursor.refresh_from_db()
    assert cursor.lease_token is not None
    assert _told("lease_released") == []


def test_nothing_of_another_shop_is_repaired(world: World, cursor: Cursor) -> None:
    other = services.create_shop(world.merchant, "Lyon", by=None)
    by, before = world.people["manager"], _everything()
    run = PullRun(pk=1, cursor=cursor)
    for repair in (
        lambda: repairing.reset_cursor(other, cursor.pk, by=by),
        lambda: repairing.release_lease(other, cursor, by=by),
        lambda: repairing.note_run_log(other, run, by=by),
    ):
        with pytest.raises(Cursor.DoesNotExist):
            repair()
    assert _everything() == before


def test_a_pull_that_is_held_goes_on(filled: World, support: Client) -> None:
    run = PullRun.objects.get()
    PullRun.objects.update(state="held", error="held", params={"now": 1, "before": 9})
    assert _act(support, "release_held", run) == "Held pulls that go on: 1."
    run.refresh_from_db()
    assert (run.state, run.error, run.released_by) == ("running", "", WHO)
    assert _told("pull_released") == [(SLUG, WHO, {"run": run.pk})]
    assert _act(support, "release_held", run) == "Held pulls that go on: 0."
    assert len(_told("pull_released")) == 1


def test_more_than_an_action_takes_is_refused(
    world: World, support: Client, cursor: Cursor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("onboarding.admin_support.MOST_AT_ONCE", 1)
    other = Cursor.objects.create(connection=world.connection, resource="customers")
    before = _everything()
    for action in ("retry", "start_over", "release_lease"):
        said = _act(support, action, cursor, other, typed=SLUG)
        assert said == "Choose 1 at most. Nothing was done."
    for action in ("check_again", "seal_anew"):
        spare = baker.make(Connection, platform="magento")
        said = _act(support, action, world.connection, spare)
        assert said == "Choose 1 at most. Nothing was done."
        spare.delete()
    assert _everything() == before


@pytest.fixture
def newer_key(settings: Any) -> str:
    key = Fernet.generate_key().decode()
    settings.ENCRYPTION_KEYS = [key, *settings.ENCRYPTION_KEYS]
    return key


def _opens(connection: Connection) -> dict[str, str]:
    with open_connector(Connection.objects.get(pk=connection.pk)) as connector:
        return dict(connector.settings.secrets)


def test_the_secrets_of_a_connection_are_sealed_with_the_newest_key(
    world: World, support: Client, orphan: Connection, newer_key: str
) -> None:
    sealed = world.connection.sealed
    said = _act(support, "seal_anew", world.connection, orphan)
    assert said == "Connections sealed with the newest key: 1."
    world.connection.refresh_from_db()
    assert world.connection.sealed != sealed
    assert crypto.is_under_first_key(world.connection.sealed)
    assert _opens(world.connection) == SECRETS
    assert _told("keys_rotated") == [("", WHO, {"rows": 1, "table": "connectors.Connection"})]
    assert Event.objects.get(kind="keys_rotated").merchant == world.merchant
    assert _act(support, "seal_anew", world.connection) == (
        "Connections sealed with the newest key: 0."
    )
    assert len(_told("keys_rotated")) == 1


def test_secrets_that_do_not_open_are_named_and_stay(
    world: World, support: Client, settings: Any
) -> None:
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    before = world.connection.sealed
    said = _act(support, "seal_anew", world.connection)
    assert f"Opened by none of the keys: 1 ({world.connection.pk})." in said
    world.connection.refresh_from_db()
    assert world.connection.sealed == before
    assert _told("keys_rotated") == []


EVERYTHING = "admin:connectors_connection_seal_everything"


@pytest.mark.django_db(transaction=True)
def test_everything_is_sealed_anew_by_the_workers_after_a_word(
    world: World, support: Client, queued: Any, newer_key: str
) -> None:
    address = reverse(EVERYTHING)
    assert "Type “everything” to confirm" in support.get(address).content.decode()
    support.post(address, {"typed": "all"})
    assert queued() == []
    assert support.post(address, {"typed": "everything"}).status_code == 302
    person = User.objects.get(email=WHO).pk
    stores = [store.name for store in rotation.stores()]
    assert {"connectors.Connection", "onboarding.StorefrontAccess", "second factors"} <= {*stores}
    assert queued() == [("onboarding.tasks.seal_anew", [name, None, person]) for name in stores]


def test_a_batch_of_the_workers_queues_the_next_one(
    world: World, newer_key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "BATCH", 2)
    for name in ("Lyon", "Nice"):
        shop = services.create_shop(world.merchant, name, by=None)
        connection = Connection(tenant=world.merchant.pk, platform="magento")
        shop.connection = connection
        services.save_credentials(
            shop, platform="magento", config=CONFIG, secrets=SECRETS, by=None, prove=False
        )
    Connection.objects.update(sealed=world.connection.sealed)  # also what opens nowhere else
    asked: list[tuple[str, str | None, int]] = []
    monkeypatch.setattr(tasks.seal_anew, "delay", lambda *args: asked.append(args))
    person = world.people["manager"].pk
    tasks.seal_anew("connectors.Connection", None, person)
    [(store, after, by)] = asked
    keys = list(Column(Connection).keys())
    assert (store, after, by) == ("connectors.Connection", str(keys[1]), person)
    asked.clear()
    tasks.seal_anew(store, after, by)
    assert asked == []
    assert all(crypto.is_under_first_key(row.sealed) for row in Connection.objects.all())
    said = [(who, data["rows"]) for _shop, who, data in _told("keys_rotated")]
    assert said == [("manager@kleep.example", 2), ("manager@kleep.example", 1)]


def test_storefronts_and_second_factors_are_sealed_anew_too(world: World, settings: Any) -> None:
    services.save_storefront_access(
        world.shop, "preprod", username="u" * 8, password="p" * 12, by=world.people["owner"]
    )
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode(), *settings.ENCRYPTION_KEYS]
    for store in rotation.stores():
        tasks.seal_anew(store.name, None, world.people["manager"].pk)
    for store in rotation.stores():
        for key in store.keys():  # noqa: SIM118  # no mapping
            sealed = store.read(key)
            assert not sealed or crypto.is_under_first_key(sealed)
    tables = {data["table"] for _shop, _who, data in _told("keys_rotated")}
    assert tables == {"connectors.Connection", "onboarding.StorefrontAccess"}


def _log(answer: HttpResponse) -> list[dict[str, Any]]:
    return [json.loads(line) for line in answer.content.decode().splitlines()]


def test_the_log_of_a_run_has_its_steps_and_no_secret(filled: World, support: Client) -> None:
    run = PullRun.objects.get()
    leak = SECRETS["access_token"]
    PullRun.objects.update(detail=f"the shop said {leak}", fetched=12, pages=1, seconds=1.5)
    open_connector(
        filled.connection
    ).close()  # the process knows its secrets, as one that pulls does
    Check.objects.get().lines.filter(resource="orders").update(request_id="r" * 32)
    answer = _post(support, "export_log", run)
    assert answer["Content-Disposition"] == f'attachment; filename="{SLUG}-run-{run.pk}.jsonl"'
    lines = _log(answer)
    assert [line["kind"] for line in lines] == ["run", "cursor", "span", "page", "end", "check"]
    head, cursor, span, page, end, check = lines
    assert (head["run"], head["resource"], head["fetched"], head["seconds"]) == (
        *(run.pk, "orders"),
        *(12, 1.5),
    )
    assert head["address"] == CONFIG["url"]
    assert cursor["worker_gave_sign_of_life"] is False
    assert (span["after"], span["reached"]) == (0, 0)
    assert (page["number"], page["rows"]) == (1, 1)
    assert (end["state"], end["error"]) == ("failed", "shop_down")
    assert end["detail"] == "the shop said [secret]"
    assert (check["request_id"], check["status"]) == ("r" * 32, "failed")
    assert leak not in answer.content.decode()
    assert _told("run_log_exported") == [(SLUG, WHO, {"run": run.pk})]


def test_one_log_is_downloaded_at_a_time(filled: World, support: Client) -> None:
    run = PullRun.objects.get()
    other = PullRun.objects.create(cursor=run.cursor, until=timezone.now(), state="done")
    said = _act(support, "export_log", run, other)
    assert said == "Choose one run, of a shop that is still there."
    Shop.objects.update(connection=None)
    assert _act(support, "export_log", run) == "Choose one run, of a shop that is still there."
    assert _told("run_log_exported") == []


def test_a_long_log_stays_bounded(
    filled: World, support: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.runlog.PAGES", 3)
    run = PullRun.objects.get()
    SeenPage.objects.bulk_create(SeenPage(run=run, rows=[1, 2]) for _number in range(5))
    PullSpan.objects.bulk_create(PullSpan(run=run, after=n, reached=n) for n in range(5))
    kinds = [line["kind"] for line in _log(_post(support, "export_log", run))]
    assert (kinds.count("page"), kinds.count("span")) == (3, 3)
