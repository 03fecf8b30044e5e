"""What can happen to a shop: each change is one function and one event; nothing is lost with the queue."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from kombu.exceptions import OperationalError

from connectors import tasks, turns
from connectors.connections import TooManyGuessesError
from connectors.models import Check, Connection, Cursor, PullRun
from kleep_portal.celery import app
from onboarding import services
from onboarding.models import Event, Merchant, Shop
from tests.onboarding.conftest import CONFIG, SECRETS, World


def kinds(shop: Shop) -> list[str]:
    """What happened to the shop, oldest first."""
    return list(Event.objects.filter(shop=shop).order_by("pk").values_list("kind", flat=True))


def test_a_shop_gets_a_free_slug(world: World) -> None:
    first = services.create_shop(world.merchant, "Été & Co", by=None)
    second = services.create_shop(world.merchant, "Ete Co", by=None)
    assert (first.slug, second.slug) == ("maison-ete-co", "maison-ete-co-2")
    assert kinds(second) == ["shop_created"]


def test_a_name_without_letters_still_gives_a_slug(db: None) -> None:
    shop = services.create_shop(Merchant.objects.create(name="東京"), "店", by=None)
    assert shop.slug == "shop"


def test_credentials_are_logged_by_name_and_never_by_value(world: World) -> None:
    owner = world.people["owner"]
    services.save_credentials(
        world.shop,
        platform="magento",
        config=CONFIG,
        secrets={"consumer_key": "n" * 32},
        by=owner,
        prove=False,
    )
    event = Event.objects.filter(shop=world.shop).first()
    assert event is not None
    assert (event.kind, event.actor) == ("credentials_saved", owner)
    assert event.data == {"config": CONFIG, "secrets": ["consumer_key"]}
    world.connection.refresh_from_db()
    assert world.connection.secrets_set_by == "owner@maison.example"


def test_a_compared_secret_is_answered_and_written_down_until_it_is_too_often(
    world: World,
) -> None:
    owner, value = world.people["owner"], SECRETS["access_token"]
    assert services.compare_secret(world.shop, "access_token", f" {value}\n", by=owner)
    assert not services.compare_secret(world.shop, "consumer_key", value, by=owner)
    for _again in range(3):
        services.compare_secret(world.shop, "consumer_key", value, by=owner)
    with pytest.raises(TooManyGuessesError):
        services.compare_secret(world.shop, "access_token", value, by=owner)
    assert kinds(world.shop)[-5:] == ["secret_compared"] * 5
    assert value not in str(list(Event.objects.values_list("data", flat=True)))


def test_a_shop_without_a_connection_can_be_neither_checked_nor_pulled(world: World) -> None:
    bare = services.create_shop(world.merchant, "Lyon", by=None)
    with pytest.raises(services.NotConnectedError):
        services.start_check(bare, by=None)
    with pytest.raises(services.NotConnectedError):
        services.start_pull(bare, by=None)
    assert kinds(bare) == ["shop_created"]


def test_the_first_pull_begins_where_it_was_told_and_only_the_first(world: World) -> None:
    moment, later = datetime(2025, 12, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
    services.begin_at(world.shop, {"orders": moment}, by=None)
    services.begin_at(world.shop, {"orders": later}, by=None)
    assert [c.position_at for c in Cursor.objects.all()] == [moment]
    assert kinds(world.shop)[-1:] == ["first_pull_set"]
    assert kinds(world.shop).count("first_pull_set") == 1


@pytest.mark.django_db(transaction=True)
def test_a_check_asked_for_while_the_queue_is_down_is_found_again(
    world: World, no_queue: None
) -> None:
    answer = world.client("owner").post(reverse("check_start", args=[world.shop.slug]), follow=True)
    assert "our queue does not answer just now" in answer.content.decode()
    check = Check.objects.get()
    assert check.finished_at is None
    Check.objects.update(started_at=timezone.now() - timedelta(minutes=10))
    assert list(tasks._forgotten_checks()) == [check.pk]
    with pytest.raises(OperationalError):
        tasks.queue_due()


@pytest.mark.django_db(transaction=True)
def test_a_pull_asked_for_while_the_queue_is_down_stays_due(world: World, no_queue: None) -> None:
    answer = world.client("owner").post(reverse("pull_start", args=[world.shop.slug]), follow=True)
    assert "our queue does not answer just now" in answer.content.decode()
    assert "0 of 6 parts complete" in answer.content.decode()
    assert kinds(world.shop)[-1] == "pull_started"
    assert {c.resource for c in turns.due()} == {
        *("products", "orders", "customers", "inventory"),
        *("returns", "returnsAttributeMetadata"),
    }
    assert set(Cursor.objects.values_list("queued_at", flat=True)) == {None}


@pytest.mark.django_db(transaction=True)
def test_a_check_that_nobody_answered_says_so(world: World) -> None:
    services.start_check(world.shop, by=None)
    page = reverse("check", args=[world.shop.slug])
    assert "It has not started yet" not in world.client("owner").get(page).content.decode()
    Check.objects.update(started_at=timezone.now() - timedelta(minutes=1))
    assert "It has not started yet" in world.client("owner").get(page).content.decode()
    with app.connection_for_write() as broker, broker.SimpleQueue("celery") as queue:
        queue.clear()


def test_a_held_pull_is_released_by_somebody_who_is_written_down(world: World) -> None:
    cursor = Cursor.objects.create(connection=world.connection, resource="orders")
    run = PullRun.objects.create(cursor=cursor, until=timezone.now(), state="held", error="held")
    staff = world.people["staff"]
    assert services.release_pull(world.shop, run, by=staff)
    run.refresh_from_db()
    assert (run.state, run.released_by) == ("running", "staff@kleep.example")
    assert kinds(world.shop)[-1] == "pull_released"
    assert not services.release_pull(world.shop, run, by=staff)
    assert kinds(world.shop).count("pull_released") == 1


def test_a_held_pull_of_another_shop_is_not_released(world: World) -> None:
    other = Connection.objects.create(tenant=world.merchant.pk, platform="magento", config=CONFIG)
    cursor = Cursor.objects.create(connection=other, resource="orders")
    run = PullRun.objects.create(cursor=cursor, until=timezone.now(), state="held")
    with pytest.raises(PullRun.DoesNotExist):
        services.release_pull(world.shop, run, by=world.people["staff"])
    run.refresh_from_db()
    assert (run.state, run.released_by) == ("held", "")
