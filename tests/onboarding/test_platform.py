"""What a shop runs on: asked first, changeable until it is connected, never guessed."""

import html

import pytest
from django.test import Client
from django.urls import reverse

from onboarding import phases, services
from onboarding.models import Event, Shop
from tests.onboarding.conftest import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def fresh(world: World) -> Shop:
    """Nobody has said yet what it runs on."""
    return services.create_shop(world.merchant, "Nice", by=None)


def _tasks(shop: Shop) -> dict[str, phases.Task]:
    found = phases.steps(Shop.objects.get(pk=shop.pk))[0]
    assert found.key == "access"
    return {task.key: task for task in found.tasks}


def test_it_is_the_first_thing_to_do(client: Client, fresh: Shop) -> None:
    task = _tasks(fresh)["access"]
    assert (task.title, task.fact) == ("Say what your shop runs on", "Not chosen yet")
    assert task.url == reverse("platform", args=[fresh.slug])
    answer = client.get(reverse("access", args=[fresh.slug]))
    assert (answer.status_code, answer["Location"]) == (302, task.url)


def test_the_choice_leads_to_the_platforms_own_form(client: Client, fresh: Shop) -> None:
    answer = client.post(reverse("platform", args=[fresh.slug]), {"platform": "wshop"}, follow=True)
    assert "Give Kleep access to your WSHOP" in html.unescape(answer.content.decode())
    assert _tasks(fresh)["access"].title == "Give Kleep access to your WSHOP"
    event = Event.objects.get(shop=fresh, kind="platform_chosen")
    assert event.data == {"platform": "wshop"}


def test_the_choice_can_be_changed_before_the_access_is_given(client: Client, fresh: Shop) -> None:
    for platform in ("wshop", "wshop", "magento"):
        client.post(reverse("platform", args=[fresh.slug]), {"platform": platform})
    fresh.refresh_from_db()
    assert fresh.platform == "magento"
    # The same answer twice is no news.
    assert Event.objects.filter(shop=fresh, kind="platform_chosen").count() == 2


def test_another_platform_leads_to_files_and_asks_for_no_credentials(
    client: Client, fresh: Shop
) -> None:
    client.post(reverse("platform", args=[fresh.slug]), {"platform": "other"})
    found = _tasks(fresh)
    assert list(found) == ["access", "data"]
    assert (found["access"].state, found["access"].fact) == (
        phases.State.COMPLETED,
        "Your data comes in files",
    )
    assert found["data"].fact == "Comes after the first file"


@pytest.mark.parametrize("given", ["", "shopify", "sandbox", "../magento"])
def test_what_is_not_offered_is_refused_and_changes_nothing(
    client: Client, fresh: Shop, given: str
) -> None:
    answer = client.post(reverse("platform", args=[fresh.slug]), {"platform": given})
    assert answer.status_code == 200
    shown = html.unescape(answer.content.decode())
    assert "Please look at this first" in shown
    assert "shopify" not in shown
    fresh.refresh_from_db()
    assert fresh.platform == ""
    assert not Event.objects.filter(shop=fresh, kind="platform_chosen").exists()


def test_a_connected_shop_keeps_its_platform(client: Client, world: World) -> None:
    address = reverse("platform", args=[world.shop.slug])
    answer = client.post(address, {"platform": "wshop"}, follow=True)
    assert "its platform stays" in answer.content.decode()
    with pytest.raises(services.ConnectedAlreadyError):
        services.choose_platform(world.shop, "wshop", by=None)
    world.shop.refresh_from_db()
    assert (world.shop.platform, world.connection.platform) == ("", "magento")
