"""A shop's own page and its line in the list: what is wrong where, what happened, which step a page is of."""

import html
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from connectors.models import Check
from onboarding import services
from onboarding.models import Event, PageLook, ProductPage
from tests.onboarding.conftest import World

pytestmark = pytest.mark.django_db


def _shown(world: World, name: str, query: str = "", **headers: str) -> str:
    slug = [] if name == "home" else [world.shop.slug]
    answer = world.client("owner").get(reverse(name, args=slug) + query, headers=headers)
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def _words(text: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def _broken_button(world: World) -> None:
    world.shop.widget = {"where": "below"}
    world.shop.save()
    page = ProductPage.objects.create(
        shop=world.shop, environment=world.shop.environment, url="https://shop.example/dress"
    )
    PageLook.objects.create(page=page, finished_at=timezone.now(), findings=[])


def test_the_list_says_what_is_wrong_beside_what_comes_next(world: World) -> None:
    calm = _words(_shown(world, "home"))
    assert "Something is wrong on a product page" not in calm
    _broken_button(world)
    row = _words(_shown(world, "home"))
    assert "Check what Kleep can read Your turn" in row
    assert "Button: Something is wrong on a product page" in row
    french = _words(_shown(world, "home", **{"Accept-Language": "fr"}))
    assert "Bouton : " in french


def test_a_problem_that_comes_next_is_said_by_its_reason(world: World) -> None:
    check = Check.objects.create(connection=world.connection, finished_at=timezone.now())
    check.lines.create(resource="orders", status="missing_permission")
    said = (
        "Check what Kleep can read Something that is needed cannot be read Your turn, since today"
    )
    assert said in _words(_shown(world, "home"))


def test_what_happened_is_there_to_its_beginning(world: World) -> None:
    shop, owner = world.shop, world.people["owner"]
    before = Event.objects.filter(shop=shop).count()
    for number in range(8 - before):
        services.record(shop, "check_started", by=owner, number=number)
    link = reverse("history", args=[shop.slug])
    assert link not in _shown(world, "shop")
    for number in range(43):
        services.record(shop, "pull_started", by=owner, number=number)
    services.record(shop, "note_written", by=world.people["staff"])
    first = _shown(world, "shop")
    assert first.count('class="timeline-what"') == 8
    assert link in first
    pages = [_shown(world, "history", query) for query in ("", "?page=2")]
    assert [one.count('class="timeline-what"') for one in pages] == [50, 1]
    assert "The shop was added" in pages[1]
    assert "Kleep wrote a note" not in "".join(pages)


def test_steps_that_are_not_begun_are_said_alike_in_both_languages(world: World) -> None:
    english = _words(_shown(world, "shop"))
    french = _words(_shown(world, "shop", **{"Accept-Language": "fr"}))
    assert "Access to your data 1 of 4 done" in english
    assert "1 terminée sur 4" in french
    assert "0 terminée sur 1" in french
    assert "Check and go live Later" in english
    assert "Plus tard" in french
    assert "Incomplete" not in english
    assert english.count("To do") == french.count("À faire") == 9


@pytest.mark.parametrize("name", ["files", "sftp", "file_server"])
def test_files_that_nobody_owes_are_one_more_way_to_the_data(world: World, name: str) -> None:
    page = _shown(world, name)
    assert page.count('aria-current="step"') == 1
    current = page.split('aria-current="step"')[1].split("</a>")[0]
    assert _words(current.partition(">")[2]).endswith("Data")


def test_a_checklist_that_is_not_open_asks_for_the_button_alone(world: World) -> None:
    page = _shown(world, "validate")
    primary = re.findall(r'<(?:a|button) class="btn btn-primary[^>]*>(.*?)</', page)
    assert [_words(one) for one in primary] == ["Add the button"]
    assert re.search(r"<details class=.panel panel-plain more.>", page)  # closed
