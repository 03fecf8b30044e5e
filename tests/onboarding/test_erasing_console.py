"""Erasure in the console: what goes and stays is said first, a wrong word changes nothing, a report stays."""

import json

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from connectors.models import TABLES, Connection, ErasedShopper
from kleep_portal import crypto
from onboarding import services, tasks
from onboarding.models import Erasure, Event, Merchant, Note, Shop
from onboarding.services import removing
from tests.onboarding.conftest import World

pytestmark = pytest.mark.django_db(transaction=True)

EMAIL = "shopper@nowhere.example"


@pytest.fixture
def manager(world: World) -> Client:
    return world.client("manager")


@pytest.fixture
def shopper(world: World) -> str:
    """Two order lines, one of them returned, and an account; the keyed hash of them."""
    reference = crypto.pseudonym(str(world.merchant.pk), EMAIL)
    given = {"connection": world.connection, "seen_at": timezone.now()}
    for line in "12":
        TABLES["orders"].objects.create(
            **given, order_id="O1", line_id=line, customer_ref=reference
        )
    TABLES["orders"].objects.create(**given, order_id="O2", line_id="3", customer_ref="another")
    TABLES["returns"].objects.create(**given, return_id="R1", line_id="1", order_id="O1")
    TABLES["customers"].objects.create(**given, customer_ref=reference)
    return reference


def _everything() -> tuple[int, ...]:
    models = (Shop, Merchant, Connection, Erasure, ErasedShopper, Event, *TABLES.values())
    return tuple(model._base_manager.count() for model in models)


def _goes(page: object) -> dict[str, int | None]:
    return {part.name: part.count for part in page.context["plan"].goes}  # type: ignore[attr-defined]


def _finish(answer: object) -> Erasure:
    """The erasure to whose report the answer leads, done by a worker."""
    erasure = Erasure.objects.latest("pk")
    assert answer["Location"] == reverse("erasure", args=[erasure.pk])  # type: ignore[index]
    tasks.erase(erasure.pk)
    erasure.refresh_from_db()
    assert erasure.is_done
    return erasure


def test_a_shop_says_what_goes_and_stays_and_goes_by_its_slug_alone(
    world: World, manager: Client, shopper: str
) -> None:
    slug, page = world.shop.slug, reverse("erase_shop", args=[world.shop.slug])
    Note.objects.create(shop=world.shop, text="x")
    shown = manager.get(page)
    assert _goes(shown) == {"orders": 3, "returns": 1, "customers": 1, "notes": 1}
    events = Event.objects.filter(shop=world.shop).count()
    assert f"{events} lines of the history keep their kind" in shown.content.decode()
    before = _everything()
    for typed in ("", "maison", slug.upper(), f"{slug}x"):
        answer = manager.post(page, {"typed": typed})
        assert answer.status_code == 422
        assert _everything() == before
    erasure = _finish(manager.post(page, {"typed": slug}))
    assert erasure.counts == {"orders": 3, "returns": 1, "customers": 1}
    assert erasure.expected == erasure.counts
    assert not Shop.objects.filter(slug=slug).exists()
    assert (erasure.kind, erasure.subject, erasure.by) == ("shop", slug, world.people["manager"])
    kinds = Event.objects.order_by("-pk").values_list("kind", flat=True)[:2]
    assert list(kinds) == ["shop_erased", "erasure_asked"]


def test_a_shared_access_is_named_among_what_stays(world: World, manager: Client) -> None:
    second = services.create_shop(world.merchant, "Second", by=None)
    Shop.objects.filter(pk=second.pk).update(connection=world.connection)
    shown = manager.get(reverse("erase_shop", args=[world.shop.slug]))
    assert "which Second needs, too" in shown.content.decode()
    assert _goes(shown) == {}


def test_a_company_goes_by_its_name_with_its_people(
    world: World, manager: Client, shopper: str
) -> None:
    page = reverse("erase_merchant", args=[world.merchant.pk])
    shown = manager.get(page)
    events = Event.objects.filter(merchant=world.merchant).count()
    assert _goes(shown) == {
        "orders": 3,
        "returns": 1,
        "customers": 1,
        "events": events,
        "people": 3,
    }
    before = _everything()
    assert manager.post(page, {"typed": "maison"}).status_code == 422
    assert _everything() == before
    erasure = _finish(manager.post(page, {"typed": "Maison"}))
    assert erasure.counts["people"] == 3
    assert (erasure.merchant, erasure.subject) == (None, "Maison")
    assert not Merchant.objects.filter(name="Maison").exists()
    assert Merchant.objects.filter(name="Atelier").exists()


def test_a_shopper_is_looked_for_first_and_erased_by_the_same_address_once_more(
    world: World, manager: Client, shopper: str
) -> None:
    page = reverse("erase_shopper", args=[world.merchant.pk])
    before = _everything()
    shown = manager.post(page, {"identifier": f" {EMAIL.upper()} "})
    assert _goes(shown) == {"orders": 2, "returns": 1, "customers": 1}
    seen = shown.context["form"].initial["seen"]
    assert EMAIL not in shown.content.decode().lower()
    assert shopper not in shown.content.decode()
    for again in ("", "somebody@else.example", EMAIL + "x"):
        wrong = manager.post(page, {"again": again, "seen": seen})
        assert wrong.status_code == 422
        assert (again or "typed") not in wrong.content.decode()
    assert manager.post(page, {"again": EMAIL, "seen": "x"}).status_code == 422
    assert manager.post(page, {"identifier": " "}).status_code == 422
    assert _everything() == before
    erasure = _finish(manager.post(page, {"again": EMAIL, "seen": seen}))
    assert erasure.counts == {"orders": 2, "returns": 1, "customers": 1}
    assert (erasure.subject, erasure.customer_ref) == ("", "")
    assert TABLES["orders"].objects.get().customer_ref == "another"
    assert ErasedShopper.objects.get().customer_ref == shopper


def test_somebody_unknown_is_said_to_be_so_and_remembered_when_confirmed(
    world: World, manager: Client
) -> None:
    page = reverse("erase_shopper", args=[world.merchant.pk])
    shown = manager.post(page, {"identifier": EMAIL})
    assert "Nothing is stored of this shopper" in shown.content.decode()
    seen = shown.context["form"].initial["seen"]
    erasure = _finish(manager.post(page, {"again": EMAIL, "seen": seen}))
    assert erasure.counts == {}
    assert ErasedShopper.objects.count() == 1


def test_the_report_follows_the_work_and_can_be_downloaded(
    world: World, manager: Client, shopper: str
) -> None:
    answer = manager.post(reverse("erase_shop", args=[world.shop.slug]), {"typed": world.shop.slug})
    erasure = Erasure.objects.get()
    document = reverse("erasure_report", args=[erasure.pk])
    progress = reverse("erasure_progress", args=[erasure.pk])
    assert manager.get(document).status_code == 404  # not complete yet
    assert 'value="0"' in manager.get(progress).content.decode()
    shop_page = manager.get(reverse("console_shop", args=[world.shop.slug])).content.decode()
    assert "This shop is being erased." in shop_page
    again = manager.post(
        reverse("erase_shop", args=[world.shop.slug]), {"typed": world.shop.slug}, follow=True
    )
    assert "This is being erased already." in again.content.decode()
    assert Erasure.objects.count() == 1
    _finish(answer)
    assert manager.get(progress, headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    got = manager.get(document)
    assert got["Content-Disposition"] == f'attachment; filename="erasure-{erasure.pk}.json"'
    said = json.loads(got.content)
    assert said["removed"] == {"orders": 3, "returns": 1, "customers": 1}
    assert (said["kind"], said["subject"], said["company"], said["asked_by"]) == (
        "shop",
        "maison-paris",
        "Maison",
        "manager@kleep.example",
    )
    listed = manager.get(reverse("erasures")).content.decode()
    assert reverse("erasure", args=[erasure.pk]) in listed


def test_one_that_is_stuck_says_so(world: World, manager: Client) -> None:
    made = Erasure.objects.create(
        kind="shop", subject="x", due_at=timezone.now(), failures=Erasure.MOST_FAILURES
    )
    page = manager.get(reverse("erasure", args=[made.pk])).content.decode()
    assert "It stopped on our side." in page
    assert "hx-get" not in page
    assert list(removing.due()) == []


@pytest.mark.parametrize("who", ["approver", "support", "staff"])
def test_only_managers_erase(world: World, who: str, shopper: str) -> None:
    client, before = world.client(who), _everything()
    pages = {
        reverse("erase_shop", args=[world.shop.slug]): {"typed": world.shop.slug},
        reverse("erase_merchant", args=[world.merchant.pk]): {"typed": "Maison"},
        reverse("erase_shopper", args=[world.merchant.pk]): {"identifier": EMAIL},
    }
    for page, data in pages.items():
        assert client.get(page).status_code == 403
        assert client.post(page, data).status_code == 403
    assert _everything() == before
    shown = client.get(reverse("console_shop", args=[world.shop.slug])).content.decode()
    assert "Erase data for good" not in shown
