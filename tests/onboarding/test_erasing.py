"""Erasure of a shopper, a shop and a merchant: all of it goes, nothing of others, and it stays gone."""

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from connectors import erasing, ingesting
from connectors.models import TABLES, Connection, Cursor, ErasedShopper, PullRun, ReceivedFile
from connectors.received_files import aside, problems_aside
from kleep_portal import crypto
from onboarding import audit, services, tasks, uploads
from onboarding.models import Erasure, Event, Evidence, FileSource, Merchant, PageRun, Shop, User
from onboarding.services import erasing as asking
from onboarding.services import removing
from tests.commands import run
from tests.onboarding.conftest import World
from tests.onboarding.magento import Magento
from tests.test_returns_to_export import document

pytestmark = pytest.mark.django_db(transaction=True)


def erase_shopper(merchant: Merchant, identifier: str) -> Erasure:
    return removing.at_once(asking.ask_shopper(merchant, identifier, by=None))


def erase_shop(shop: Shop) -> Erasure:
    return removing.at_once(asking.ask_shop(shop, by=None))


def erase_merchant(merchant: Merchant, by: User | None = None) -> Erasure:
    return removing.at_once(asking.ask_merchant(merchant, by=by))


def _rows(connection: Connection) -> dict[str, int]:
    return {
        name: table.objects.filter(connection=connection).count()
        for name, table in TABLES.items()
        if table.objects.filter(connection=connection).exists()
    }


@pytest.fixture
def pulled(world: World, magento: Magento, tmp_path: Path) -> Shop:
    """A shop with everything of the simulated shop, and the same again in another merchant's."""
    for merchant in ("Maison", "Atelier"):
        words = {**document(magento.shop, magento.url), "merchant": merchant, "shop": "Pulled"}
        file = tmp_path / "connect.json"
        file.write_text(json.dumps(words))
        slug = run("connect", str(file)).out.strip()
        assert run("pull", slug).code == 0
    return Shop.objects.select_related("merchant", "connection").get(slug="maison-pulled")


@pytest.fixture
def email(magento: Magento, pulled: Shop) -> str:
    """Of a shopper who has an account and orders."""
    references = set(TABLES["orders"].objects.values_list("customer_ref", flat=True))
    for person in magento.shop.people:
        if crypto.pseudonym(str(pulled.merchant_id), person.email) in references:
            return str(person.email)
    raise LookupError("nobody ordered")


def test_of_a_shopper_everything_goes_and_nothing_of_others(pulled: Shop, email: str) -> None:
    assert pulled.connection is not None
    reference = crypto.pseudonym(str(pulled.merchant_id), email)
    before, elsewhere = _rows(pulled.connection), sum(map(_total, _others(pulled)))
    mine = TABLES["orders"].objects.filter(customer_ref=reference)
    orders = set(mine.values_list("order_id", flat=True))
    expected = {
        "orders": mine.count(),
        "customers": 1,
        "returns": TABLES["returns"]
        .objects.filter(connection=pulled.connection, order_id__in=orders)
        .count(),
    }
    done = erase_shopper(pulled.merchant, f" {email.upper()} ")
    assert done.counts == {name: count for name, count in expected.items() if count}
    after = _rows(pulled.connection)
    assert {name: before[name] - after.get(name, 0) for name in before} == {
        name: expected.get(name, 0) for name in before
    }
    assert sum(map(_total, _others(pulled))) == elsewhere
    event = Event.objects.filter(kind="shopper_erased").get()
    assert email not in json.dumps(event.data) + str(Erasure.objects.values().get())


def _others(shop: Shop) -> list[Connection]:
    return list(Connection.objects.exclude(pk=shop.connection_id))


def _total(connection: Connection) -> int:
    return sum(_rows(connection).values())


def test_what_the_shop_still_has_of_them_comes_back_nameless(pulled: Shop, email: str) -> None:
    assert pulled.connection is not None
    before = _rows(pulled.connection)
    erase_shopper(pulled.merchant, email)
    assert run("pull", pulled.slug, "--full").code == 0
    after = _rows(pulled.connection)
    assert after["orders"] == before["orders"]
    assert after["customers"] == before["customers"] - 1
    reference = crypto.pseudonym(str(pulled.merchant_id), email)
    assert not TABLES["orders"].objects.filter(customer_ref=reference).exists()
    assert TABLES["orders"].objects.filter(connection=pulled.connection, customer_ref="").exists()


def test_what_a_pull_under_way_brought_back_is_swept_away(pulled: Shop, email: str) -> None:
    erase_shopper(pulled.merchant, email)
    row = TABLES["orders"].objects.filter(connection=pulled.connection).first()
    reference = crypto.pseudonym(str(pulled.merchant_id), email)
    TABLES["orders"].objects.filter(pk=row.pk).update(customer_ref=reference)
    assert erasing.sweep() >= 1
    assert not TABLES["orders"].objects.filter(customer_ref=reference).exists()
    assert erasing.sweep() == 0


@pytest.mark.parametrize("identifier", ["nobody@nowhere.example", "4711"])
def test_somebody_who_is_not_there_is_remembered_and_nothing_is_removed(
    pulled: Shop, identifier: str
) -> None:
    assert pulled.connection is not None
    before = _rows(pulled.connection)
    assert erase_shopper(pulled.merchant, identifier).counts == {}
    assert _rows(pulled.connection) == before
    assert ErasedShopper.objects.count() == 1


def _with_files(shop: Shop) -> list[str]:
    """Names in the storage of a picture of a page and of a file that was sent."""
    run_ = PageRun.objects.create(shop=shop, environment="preprod", url="https://shop.example/p")
    picture = Evidence.objects.create(run=run_, name="desktop")
    picture.file.save("desktop.png", ContentFile(b"png"))
    assert shop.connection is not None
    name = "returns_2026-01-01T02-00-00.csv"
    sent = ingesting.receive(
        shop.connection, name=name, stream=io.BytesIO(b"return_id\n1\n"), origin="upload", by="x"
    )
    return [picture.file.name, sent.content.name]


def test_of_a_shop_everything_goes_its_files_too_and_its_events_lose_their_words(
    pulled: Shop,
) -> None:
    names, merchant = _with_files(pulled), pulled.merchant
    connection = Connection.objects.get(pk=pulled.connection_id)
    assert all(default_storage.exists(name) for name in names)
    before = _rows(connection)
    done = erase_shop(pulled)
    assert {name: done.counts[name] for name in before} == before
    assert (done.counts["files"], done.counts["evidence"]) == (1, 1)
    assert not any(default_storage.exists(name) for name in names)
    assert _rows(connection) == {}
    for model in (Cursor, PullRun, ReceivedFile):
        assert not model.objects.filter(
            **{"cursor__connection" if model is PullRun else "connection": connection.pk}
        ).exists()
    assert not Connection.objects.filter(pk=connection.pk).exists()
    assert list(audit.flaws(merchant)) == []
    words = audit.Events.filter(merchant=merchant, shop_slug="maison-pulled")
    assert words.count() > 2
    assert not words.exclude(data={}).exists()
    assert sum(map(_total, Connection.objects.all())) > 0  # of others


def test_a_connection_that_another_shop_uses_stays(pulled: Shop, world: World) -> None:
    assert pulled.connection is not None
    Shop.objects.filter(pk=world.shop.pk).update(connection=pulled.connection)
    before = _rows(pulled.connection)
    erase_shop(pulled)
    assert _rows(pulled.connection) == before
    assert Connection.objects.filter(pk=pulled.connection.pk).exists()


def test_a_merchant_goes_with_all_its_people_but_those_who_belong_elsewhere(
    pulled: Shop, world: World
) -> None:
    other = Merchant.objects.get(name="Atelier")
    owner, staff = world.people["owner"], world.people["staff"]
    owner.merchants.add(other)
    staff.merchants.add(pulled.merchant)
    done = erase_merchant(pulled.merchant, by=staff)
    assert done.subject == "Maison"
    assert done.counts["orders"] > 0
    assert not Merchant.objects.filter(name="Maison").exists()
    emails = set(User.objects.values_list("email", flat=True))
    assert {"owner@maison.example", "staff@kleep.example", "stranger@maison.example"} <= emails
    assert "viewer@maison.example" not in emails
    assert not audit.Events.filter(merchant_id=pulled.merchant_id).exists()
    assert Shop.objects.filter(merchant=other).exists()


def _with_a_server(shop: Shop) -> tuple[Connection, list[str]]:
    """The shop's own SFTP server, an upload under way, and a file whose storing failed."""
    server = Connection.objects.create(tenant=shop.merchant_id, platform="sftp", sealed="x")
    FileSource.objects.create(shop=shop, way=FileSource.Way.OWN, server=server)
    upload = uploads.start(shop, name="orders.csv", size=9, modified=1)
    uploads.add(upload, 0, ContentFile(b"order_id\n"))
    assert shop.connection is not None
    file = ingesting.receive(
        shop.connection, name="returns.csv", stream=io.BytesIO(b"a\n1\n"), origin="upload", by="x"
    )
    names = [aside(file), problems_aside(file)]
    for name in names:
        default_storage.save(name, ContentFile(b"1\n"))
    return server, [*names, str(file.content.name), upload.parts.get().content]


def test_with_a_shop_go_its_server_its_uploads_and_what_was_put_aside(world: World) -> None:
    server, names = _with_a_server(world.shop)
    assert all(default_storage.exists(name) for name in names)
    erase_shop(world.shop)
    assert not any(default_storage.exists(name) for name in names)
    assert not Connection.objects.filter(pk=server.pk).exists()


def test_with_a_merchant_go_connections_that_several_shops_share_or_none_uses(world: World) -> None:
    second = services.create_shop(world.merchant, "Second", by=None)
    Shop.objects.filter(pk=second.pk).update(connection=world.connection)
    Connection.objects.create(tenant=world.merchant.pk, platform="sftp", sealed="x")
    others = Connection.objects.exclude(tenant=world.merchant.pk)
    before = set(others.values_list("pk", flat=True))
    erase_merchant(world.merchant)
    assert set(Connection.objects.values_list("pk", flat=True)) == before


def test_the_command_asks_for_the_name_twice_and_takes_a_shopper_from_stdin(
    pulled: Shop, email: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("erase", "shop", pulled.slug).code == 1
    assert run("erase", "shop", "nothing", "--yes", "nothing").code == 1
    assert Shop.objects.filter(pk=pulled.pk).exists()
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{email}\n"))
    done = run("erase", "shopper", "--merchant", "Maison")
    assert json.loads(done.out)["counts"]["customers"] == 1
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n"))
    assert run("erase", "shopper", "--merchant", "Maison").code == 1
    assert (
        json.loads(run("erase", "shop", pulled.slug, "--yes", pulled.slug).out)["erased"] == "shop"
    )
    assert json.loads(run("erase", "merchant", "Maison", "--yes", "Maison").out)["counts"]["people"]


def test_an_erasure_that_was_cut_off_goes_on_and_tells_of_every_row_once(
    pulled: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert pulled.connection is not None
    before = _rows(pulled.connection)
    monkeypatch.setattr(erasing, "BATCH", 3)
    erasure = asking.ask_shop(pulled, by=None)
    remove, calls = erasing.remove_in_batches, iter(range(3))

    def cut_off(*given: Any, **more: Any) -> int:
        if next(calls) == 2:
            raise ConnectionError("the database is away")
        return remove(*given, **more)

    with monkeypatch.context() as broken:
        broken.setattr(erasing, "remove_in_batches", cut_off)
        tasks.erase(erasure.pk)
    erasure.refresh_from_db()
    assert (erasure.failures, erasure.is_done, erasure.is_stuck) == (1, False, False)
    assert sum(erasure.counts.values()) > 0
    assert Connection.objects.get(pk=pulled.connection_id).paused_at is not None
    assert list(removing.due()) == []  # a minute later
    Erasure.objects.update(due_at=timezone.now())
    tasks.erase(erasure.pk)
    erasure.refresh_from_db()
    assert erasure.is_done
    assert {name: erasure.counts[name] for name in before} == before
    assert not Connection.objects.filter(pk=pulled.connection_id).exists()


def test_a_large_shop_goes_in_slices_each_of_a_task(
    pulled: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert pulled.connection is not None
    before, slices = _rows(pulled.connection), 1
    erasure = asking.ask_shop(pulled, by=None, expected=before)
    while not removing.go_on(_claimed(erasure), seconds=-1.0):  # after each batch
        slices += 1
        erasure.refresh_from_db()
        assert erasure.percent is not None
        assert 0 < erasure.percent < 100
    erasure.refresh_from_db()
    assert slices > len(before)
    assert {name: erasure.counts[name] for name in before} == before
    assert erasure.percent == 100


def _claimed(erasure: Erasure) -> Erasure:
    found = removing.claim(erasure.pk)
    assert found is not None
    assert removing.claim(erasure.pk) is None  # nobody else meanwhile
    return found


def test_what_a_pull_under_way_stored_meanwhile_goes_too(
    pulled: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its page was committed after its table was emptied and before the connection went."""
    assert pulled.connection is not None
    connection, orders = pulled.connection, TABLES["orders"]
    before, remove = _rows(connection)["orders"], erasing.remove_files

    def late(*given: Any) -> None:
        orders.objects.create(connection=connection, line_id="late", seen_at=timezone.now())
        remove(*given)

    monkeypatch.setattr(erasing, "remove_files", late)
    done = erase_shop(pulled)
    assert done.counts["orders"] == before + 1
    assert not orders.objects.filter(connection=connection.pk).exists()


def test_after_five_failures_a_person_has_to_look(
    pulled: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: Any) -> None:
        raise ConnectionError("the database is away")

    monkeypatch.setattr(erasing, "erase_connection", fail)
    erasure = asking.ask_shop(pulled, by=None)
    for _time in range(Erasure.MOST_FAILURES + 1):
        tasks.erase(erasure.pk)
        Erasure.objects.update(due_at=timezone.now())
    erasure.refresh_from_db()
    assert erasure.failures == Erasure.MOST_FAILURES
    assert erasure.is_stuck
    assert Shop.objects.filter(pk=pulled.pk).exists()


def test_of_a_shared_connection_the_files_of_the_shop_go_and_those_of_others_stay(
    world: World,
) -> None:
    second = services.create_shop(world.merchant, "Second", by=None)
    Shop.objects.filter(pk=second.pk).update(connection=world.connection)
    kept = {}
    for shop in (world.shop, second):
        sent = ingesting.receive(
            world.connection,
            name="returns.csv",
            stream=io.BytesIO(shop.slug.encode()),
            origin="upload",
            shop=shop.slug,
        )
        kept[shop.slug] = sent.content.name
    done = erase_shop(world.shop)
    assert done.counts == {"files": 1}
    assert list(ReceivedFile.objects.values_list("shop", flat=True)) == [second.slug]
    assert not default_storage.exists(kept["maison-paris"])
    assert default_storage.exists(kept[second.slug])


def test_the_same_is_not_asked_for_twice_and_a_blank_shopper_is_nobody(world: World) -> None:
    first = asking.ask_shop(world.shop, by=None)
    with pytest.raises(asking.BeingErasedError) as caught:
        asking.ask_shop(world.shop, by=None)
    assert caught.value.erasure == first
    asking.ask_merchant(world.merchant, by=None)
    with pytest.raises(asking.BeingErasedError):
        asking.ask_merchant(world.merchant, by=None)
    with pytest.raises(asking.NobodyError):
        asking.ask_shopper(world.merchant, "  ", by=None)
    assert Erasure.objects.count() == 2
    assert ErasedShopper.objects.count() == 0


def test_what_was_lost_with_the_queue_is_found_again(world: World, no_queue: None) -> None:
    erasure = asking.ask_shop(world.shop, by=None)
    assert list(removing.due()) == [erasure]
    Erasure.objects.update(due_at=timezone.now() + removing.LEASE)
    assert list(removing.due()) == []
