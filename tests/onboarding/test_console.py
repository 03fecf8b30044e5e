"""The staff's console: who is stuck, on whom, since when; and what each role does about it."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from connectors.models import Check, Circuit, Connection, Cursor, PullRun, ReceivedFile
from onboarding import services, standing
from onboarding.models import Event, Mail, Membership, Note, SavedView, Shop, Standing
from onboarding.phases import Party
from onboarding.services import steering
from onboarding.services.recording import record
from tests.onboarding.conftest import World
from tests.onboarding.test_golive import looked

pytestmark = pytest.mark.django_db


def _shop(world: World, name: str, **values: Any) -> Shop:
    """A shop that stands where `values` say, in the pipeline alone."""
    shop = services.create_shop(world.merchant, name, by=None)
    given = {
        "phase": "access",
        "task": "check",
        "state": "incomplete",
        "party": "merchant",
        "since": timezone.now(),
        "rank": 3,
        "computed_at": timezone.now(),
    }
    Standing.objects.create(shop=shop, **{**given, **values})
    return shop


def _names(client: Client, query: str = "") -> list[str]:
    page = client.get(f"/console/?{query}")
    assert page.status_code == 200
    return [row["shop"].name for row in page.context["rows"]]


@pytest.fixture
def manager(world: World) -> Client:
    return world.client("manager")


@pytest.fixture
def cursor(world: World) -> Cursor:
    return Cursor.objects.create(connection=world.connection, resource="orders")


def test_what_kleep_can_unblock_comes_first_and_the_longest_waiting_of_it(
    world: World, manager: Client
) -> None:
    now = timezone.now()
    _shop(world, "merchant", rank=3, since=now - timedelta(days=9))
    _shop(world, "problem of theirs", rank=2, since=now)
    _shop(world, "ours, new", rank=1, since=now)
    _shop(world, "ours, old", rank=1, since=now - timedelta(days=2))
    _shop(world, "problem of ours", rank=0, since=now)
    assert _names(manager) == [
        "problem of ours",
        "ours, old",
        "ours, new",
        "problem of theirs",
        "merchant",
    ]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=orm", ["Normandie"]),
        ("phase=golive", ["Normandie"]),
        ("party=kleep", ["Normandie"]),
        ("platform=wshop", ["Normandie"]),
        ("owner={manager}", ["Normandie"]),
        ("owner=nobody", ["Alsace"]),
        ("language=it", ["Normandie"]),
        ("flag=problem", ["Normandie"]),
        ("flag=broken", ["Normandie"]),
        ("flag=stale", ["Normandie"]),
        ("flag=live", ["Normandie"]),
        ("party=kleep&q=Alsace", []),
        ("phase=x&party=%27&owner=99999&page=x", ["Normandie", "Alsace"]),
    ],
)
def test_each_filter_narrows_and_garbage_narrows_nothing(
    world: World, manager: Client, query: str, found: list[str]
) -> None:
    owner = world.people["manager"]
    normandie = _shop(
        world,
        "Normandie",
        phase="golive",
        party="kleep",
        platform="wshop",
        state="problem",
        rank=0,
        is_broken=True,
        is_stale=True,
        is_live=True,
    )
    Shop.objects.filter(pk=normandie.pk).update(owner=owner, languages=["fr", "it"])
    _shop(world, "Alsace")
    assert _names(manager, query.format(manager=owner.pk)) == found


def test_shops_where_everything_is_done_are_found_too(world: World, manager: Client) -> None:
    _shop(world, "Over", phase="", task="", party="", rank=6)
    _shop(world, "Under way")
    assert _names(manager, "phase=done") == ["Over"]
    steps = manager.get("/console/?phase=done").context["phases"]
    assert [(one["count"], one["here"]) for one in steps][-1] == (1, True)


def test_the_number_of_queries_does_not_grow_with_the_shops(
    world: World, manager: Client, django_assert_max_num_queries: Any
) -> None:
    counts = []
    for size in (2, 30):
        for number in range(size):
            _shop(world, f"{size}-{number}")
        with django_assert_max_num_queries(20) as queries:
            manager.get("/console/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_shop_is_put_into_the_pipeline_by_the_beat_and_again_when_something_happens(
    world: World,
) -> None:
    assert standing.refresh_due(seconds=30) == 1
    first = Standing.objects.get(shop=world.shop)
    assert (first.task, first.party, first.platform) == ("check", "merchant", "magento")
    assert standing.refresh_due(seconds=30) == 0
    services.record(world.shop, "pull_started", by=None)
    assert Standing.objects.get().dirty_at is not None
    assert standing.refresh_due(seconds=30) == 1
    second = Standing.objects.get()
    assert (second.dirty_at, second.since) == (None, first.since)


def test_a_connection_that_breaks_and_one_that_mends_are_noticed(world: World) -> None:
    standing.refresh_due(seconds=30)
    circuit = Circuit.objects.create(connection=world.connection, opened_at=timezone.now())
    assert standing.refresh_due(seconds=30) == 1
    assert Standing.objects.get().is_broken
    circuit.delete()
    assert standing.refresh_due(seconds=30) == 1
    assert not Standing.objects.get().is_broken
    Connection.objects.update(health="failing")
    assert standing.refresh_due(seconds=30) == 1
    assert Standing.objects.get().is_broken


def test_data_that_nobody_renewed_for_two_days_is_old(world: World, cursor: Cursor) -> None:
    now = timezone.now()
    Cursor.objects.filter(pk=cursor.pk).update(due_at=now)
    assert not standing.is_stale(world.connection, now)
    run = PullRun.objects.create(cursor=cursor, until=now, state="done", finished_at=now)
    assert not standing.is_stale(world.connection, now)
    PullRun.objects.filter(pk=run.pk).update(finished_at=now - timedelta(days=3))
    assert standing.is_stale(world.connection, now)
    world.connection.paused_at = now
    assert not standing.is_stale(world.connection, now)


def test_a_view_is_kept_shown_and_forgotten_and_is_its_owners_alone(
    world: World, manager: Client
) -> None:
    manager.post("/console/views", {"name": "Mine", "query": "party=kleep&page=3&x=1"})
    view = SavedView.objects.get()
    assert (view.user, view.query) == (world.people["manager"], "party=kleep")
    assert b"?party=kleep" in manager.get("/console/").content
    manager.post("/console/views", {"name": "Mine", "query": "q=x"})
    assert SavedView.objects.count() == 1
    other = world.client("approver")
    assert b"Mine" not in other.get("/console/").content
    assert other.post(f"/console/views/{view.pk}/delete").status_code == 404
    manager.post(f"/console/views/{view.pk}/delete")
    assert SavedView.objects.count() == 0


def test_companies_are_reminded_once_a_day_in_their_language_and_only_of_their_turn(
    world: World, manager: Client
) -> None:
    owner = world.people["owner"]
    owner.language = "fr"
    owner.save(update_fields=["language"])
    for _ in range(2):
        manager.post("/console/bulk", {"action": "nudge", "shop": [world.shop.slug]})
    mail = Mail.objects.get()
    assert (mail.kind, mail.to, mail.language) == ("task_waiting", owner.email, "fr")
    assert Event.objects.filter(kind="nudged").count() == 1


def test_reminding_nobody_says_why_and_sends_nothing(world: World, manager: Client) -> None:
    none = manager.post("/console/bulk", {"action": "nudge"}, follow=True)
    assert "Choose shops first" in none.content.decode()
    chosen = {"action": "nudge", "shop": [world.shop.slug]}
    manager.post("/console/bulk", chosen)
    again = manager.post("/console/bulk", chosen, follow=True)
    assert "Nobody was reminded" in again.content.decode()
    assert Mail.objects.count() == 1


def test_a_note_that_is_sent_by_two_clicks_is_written_once(world: World, manager: Client) -> None:
    for _ in range(2):
        manager.post(reverse("console_note", args=[world.shop.slug]), {"text": "Called them."})
    assert [note.text for note in world.shop.notes.all()] == ["Called them."]
    assert Event.objects.filter(kind="note_written").count() == 1


def test_several_shops_are_taken_in_charge_at_once(world: World, manager: Client) -> None:
    other = services.create_shop(world.merchant, "Other", by=None)
    manager.post("/console/bulk", {"action": "take", "shop": [world.shop.slug, other.slug, "x"]})
    assert set(Shop.objects.values_list("owner__email", flat=True)) == {"manager@kleep.example"}
    assert manager.post("/console/bulk", {"action": "x"}).status_code == 404


def test_a_note_tells_the_colleague_who_is_mentioned_and_no_merchant(
    world: World, manager: Client
) -> None:
    world.people["owner"].name = "Olga"
    page = reverse("console_note", args=[world.shop.slug])
    manager.post(page, {"text": "@approver please look, also @owner and approver@kleep.example"})
    note = Note.objects.get()
    assert [person.email for person in note.mentions.all()] == ["approver@kleep.example"]
    assert [mail.to for mail in Mail.objects.all()] == ["approver@kleep.example"]
    shown = manager.get(reverse("console_shop", args=[world.shop.slug])).content.decode()
    assert "please look" in shown
    theirs = world.client("owner").get(reverse("shop", args=[world.shop.slug])).content.decode()
    assert "please look" not in theirs
    assert "wrote a note" not in theirs
    assert manager.post(page, {"text": " "}).status_code == 422
    assert Note.objects.count() == 1


def test_retry_pause_resume_and_a_range_are_done_and_written_down(
    world: World, manager: Client, cursor: Cursor
) -> None:
    slug = world.shop.slug
    manager.post(reverse("console_retry", args=[slug, cursor.pk]))
    cursor.refresh_from_db()
    assert cursor.due_at is not None
    assert cursor.due_at <= timezone.now()
    manager.post(reverse("console_pause", args=[slug]))
    assert Connection.objects.get().paused_at is not None
    manager.post(reverse("console_resume", args=[slug]))
    assert Connection.objects.get().paused_at is None
    days = {"cursor": cursor.pk, "since": "2026-01-01", "until": "2026-01-31"}
    manager.post(reverse("console_range", args=[slug]), days)
    run = PullRun.objects.get()
    assert (run.kind, str(run.since), str(run.until)) == (
        "range",
        "2026-01-01 00:00:00+00:00",
        "2026-02-01 00:00:00+00:00",
    )
    assert set(Event.objects.values_list("kind", flat=True)) >= {
        "pull_retried",
        "pulls_paused",
        "pulls_resumed",
        "range_repulled",
    }


@pytest.mark.parametrize(
    ("data", "word"),
    [
        ({"since": "2026-02-01", "until": "2026-01-01"}, "after the last"),
        ({"since": "x", "until": ""}, "valid date"),
        ({"since": "2999-01-01", "until": "2999-01-02"}, "has not come yet"),
        ({"since": "2026-01-01", "until": "9999-12-31"}, "under way"),
        ({"since": "2026-01-01", "until": "2026-01-02"}, "under way"),
    ],
)
def test_a_range_that_cannot_be_is_refused_and_nothing_is_begun(
    world: World, manager: Client, cursor: Cursor, data: dict[str, str], word: str
) -> None:
    PullRun.objects.create(cursor=cursor, until=timezone.now())
    asked = {"cursor": cursor.pk, **data}
    answer = manager.post(reverse("console_range", args=[world.shop.slug]), asked)
    assert answer.status_code == 422
    assert word in answer.content.decode()
    assert PullRun.objects.count() == 1


def test_another_shops_cursor_is_not_touched(world: World, manager: Client) -> None:
    theirs = Connection.objects.create(tenant=world.merchant.pk, platform="magento")
    cursor = Cursor.objects.create(connection=theirs, resource="orders")
    slug = world.shop.slug
    assert manager.post(reverse("console_retry", args=[slug, cursor.pk])).status_code == 404
    asked = {"cursor": cursor.pk, "since": "2026-01-01", "until": "2026-01-02"}
    assert manager.post(reverse("console_range", args=[slug]), asked).status_code == 422
    assert not PullRun.objects.exists()
    cursor.refresh_from_db()
    assert cursor.due_at is None


def test_support_retries_and_changes_nothing_else(world: World, cursor: Cursor) -> None:
    support, slug = world.client("support"), world.shop.slug
    assert support.post(reverse("console_retry", args=[slug, cursor.pk])).status_code == 302
    before = Event.objects.count()
    for name in ("console_pause", "console_owner", "console_approve", "console_undo"):
        assert support.post(reverse(name, args=[slug])).status_code == 403
    assert support.get(reverse("access", args=[slug])).status_code == 403
    assert Event.objects.count() == before
    page = support.get(reverse("console_shop", args=[slug])).content.decode()
    assert reverse("console_pause", args=[slug]) not in page


def test_seeing_what_they_see_changes_nothing_and_is_written_down(
    world: World, manager: Client
) -> None:
    slug = world.shop.slug
    manager.post(reverse("console_look", args=[slug]))
    event = Event.objects.get(kind="seen_by_staff")
    assert event.actor == world.people["manager"]
    page = manager.get(reverse("shop", args=[slug]))
    assert "You see what they see" in page.content.decode()
    assert manager.post(reverse("check_start", args=[slug])).status_code == 403
    assert manager.get(reverse("access", args=[slug])).status_code == 403
    assert (
        "Kleep looked at these pages"
        in world.client("owner").get(reverse("shop", args=[slug])).content.decode()
    )
    manager.post("/console/look-away")
    assert manager.get(reverse("access", args=[slug])).status_code == 200


def test_a_shop_without_anything_has_a_page_and_says_why_it_cannot_be_read(
    world: World, manager: Client
) -> None:
    shop = services.create_shop(world.merchant, "Bare", by=None)
    assert manager.get(reverse("console_shop", args=[shop.slug])).status_code == 200
    answer = manager.post(reverse("console_pause", args=[shop.slug]), follow=True)
    assert "not connected yet" in answer.content.decode()


def test_the_figures_are_drawn_from_what_is_there(world: World, manager: Client) -> None:
    _shop(world, "One", phase="golive", party=Party.KLEEP.value)
    page = manager.get("/console/figures")
    assert page.status_code == 200
    assert [plot.name for plot in page.context["plots"]] == ["phases", "parties"]
    assert page.context["median_days"] is None


def test_nobody_is_reminded_of_what_is_not_their_turn(world: World) -> None:
    assert Membership.objects.filter(merchant=world.merchant, role="owner").exists()
    shop = services.create_shop(world.merchant, "Fresh", by=None)
    assert steering.nudge(shop, by=world.people["manager"]) == 1
    Membership.objects.filter(role="owner").delete()
    other = services.create_shop(world.merchant, "Ownerless", by=None)
    assert steering.nudge(other, by=world.people["manager"]) == 0


def _why(client: Client, shop: Shop) -> list[tuple[str, str]]:
    page = client.get(reverse("console_shop", args=[shop.slug]))
    assert page.status_code == 200
    return [(one.what, one.why) for one in page.context["blockers"]]


def test_why_a_shop_is_stuck_stands_in_one_list_with_what_to_do(
    world: World, manager: Client, cursor: Cursor
) -> None:
    """Of the check, of pulls, of files, of the button, of the pages: each in the words of its own."""
    page = reverse("console_shop", args=[world.shop.slug])
    assert _why(manager, world.shop) == []
    check = Check.objects.create(connection=world.connection, finished_at=timezone.now())
    given = {"status": "missing_permission", "error": "permission_missing", "detail": "HTTP 401"}
    params = {"permission": "Sales::orders", "path": "Sales > Orders", "resource": "orders"}
    check.lines.create(resource="orders", **given, params=params)
    PullRun.objects.create(
        cursor=cursor, until=timezone.now(), state="failed", error="shop_down", detail="HTTP 503"
    )
    held = PullRun.objects.create(
        cursor=Cursor.objects.create(connection=world.connection, resource="products"),
        until=timezone.now(),
        state="held",
    )
    looked(world.shop, button="button_missing")
    found = _why(manager, world.shop)
    assert [what for what, _why in found] == [
        "Check: Orders",
        "Pull: Products",
        "Pull: Orders",
        "Product page: The button is displayed and can be pressed",
    ]
    assert all(why for _what, why in found)
    shown = manager.get(page).content.decode()
    assert "HTTP 503" in shown
    assert reverse("console_retry", args=[world.shop.slug, cursor.pk]) in shown
    assert reverse("console_release", args=[world.shop.slug, held.pk]) in shown


def test_a_pull_that_is_held_is_let_go_on_by_whoever_steers(
    world: World, manager: Client, cursor: Cursor
) -> None:
    held = PullRun.objects.create(cursor=cursor, until=timezone.now(), state="held")
    page = reverse("console_release", args=[world.shop.slug, held.pk])
    assert world.client("support").post(page).status_code == 403
    held.refresh_from_db()
    assert held.state == "held"
    running = PullRun.objects.create(cursor=cursor, until=timezone.now())
    assert "under way" in manager.post(page, follow=True).content.decode()
    running.delete()
    assert "It goes on" in manager.post(page, follow=True).content.decode()
    held.refresh_from_db()
    assert (held.state, held.released_by) == ("running", "manager@kleep.example")
    assert Event.objects.filter(kind="pull_released").count() == 1
    elsewhere = Cursor.objects.create(
        connection=Connection.objects.create(tenant=world.merchant.pk, platform="magento"),
        resource="orders",
    )
    other = PullRun.objects.create(cursor=elsewhere, until=timezone.now(), state="held")
    page = reverse("console_release", args=[world.shop.slug, other.pk])
    assert manager.post(page).status_code == 404


def test_files_are_those_of_the_shop_and_what_nobody_attributed_is_named_so(
    world: World, manager: Client
) -> None:
    second = services.create_shop(world.merchant, "Second", by=None)
    Shop.objects.filter(pk=second.pk).update(connection=world.connection)
    for shop in (world.shop.slug, second.slug, ""):
        ReceivedFile.objects.create(
            connection=world.connection,
            shop=shop,
            name=f"of-{shop or 'nobody'}.csv",
            origin="upload",
            size=1,
            sha256=shop,
            said_at=timezone.now(),
        )

    def names(shop: Shop) -> tuple[set[str], bool]:
        page = manager.get(reverse("console_shop", args=[shop.slug]))
        said = "shared connection" in page.content.decode()
        return {file.name for file in page.context["files"]}, said

    assert names(world.shop) == ({"of-maison-paris.csv", "of-nobody.csv"}, True)
    assert names(second) == ({"of-maison-second.csv", "of-nobody.csv"}, True)
    Shop.objects.filter(pk=second.pk).update(connection=None)
    assert names(world.shop) == ({"of-maison-paris.csv", "of-nobody.csv"}, False)


def test_the_age_of_each_kind_of_data_is_drawn(
    world: World, manager: Client, cursor: Cursor
) -> None:
    now = timezone.now()
    for hours in (5, 3):
        finished = now - timedelta(hours=hours)
        PullRun.objects.create(
            cursor=cursor, until=now, state="done", finished_at=finished, fetched=2
        )
    address = reverse("console_plots", args=[world.shop.slug])
    shop = manager.get(reverse("console_shop", args=[world.shop.slug])).content.decode()
    assert f'hx-get="{address}" hx-trigger="load"' in shop
    assert f'<a href="{address}">' in shop  # without JavaScript
    page = manager.get(address)
    assert "<!doctype html>" in page.content.decode()
    part = manager.get(address, headers={"HX-Request": "true"}).content.decode()
    assert part.count("<figure") == 3
    assert "<html" not in part
    plots = {plot.name: plot for plot in page.context["plots"]}
    assert list(plots) == ["rows", "seconds", "freshness"]
    assert "No failure among the newest 2 pulls." in page.content.decode()
    assert plots["freshness"].rows == (("Orders", "3"),)
    PullRun.objects.create(cursor=cursor, until=now, state="failed", finished_at=now)
    page = manager.get(address)
    assert [plot.name for plot in page.context["plots"]][2] == "failures"
    assert "No failure" not in page.content.decode()


def test_the_whole_history_has_what_was_written_down_and_merchants_see_less(
    world: World, manager: Client, cursor: Cursor
) -> None:
    slug = world.shop.slug
    manager.post(reverse("console_retry", args=[slug, cursor.pk]))
    record(world.shop, "cursor_reset", by=None, resource="orders", stood_at="2026-06-01T00:00Z")
    page = manager.get(reverse("console_history", args=[slug]))
    assert "What: Orders, Stood at: 1 June 2026" in page.content.decode()
    assert len(page.context["events"]) == Event.objects.filter(shop=world.shop).count()
    theirs = world.client("owner").get(reverse("shop", args=[slug])).content.decode()
    assert "What: Orders" in theirs
    assert "Stood at" not in theirs


def test_what_would_be_drawn_without_height_is_said_in_a_sentence(
    world: World, manager: Client, cursor: Cursor
) -> None:
    address = reverse("console_plots", args=[world.shop.slug])
    now = timezone.now()
    run = PullRun.objects.create(cursor=cursor, until=now, state="done", finished_at=now)
    page = manager.get(address)
    assert [plot.name for plot in page.context["plots"]] == ["seconds"]
    shown = page.content.decode()
    assert "No row came with the newest pull: nothing was new." in shown
    assert "Every kind of data was read to its end less than an hour ago." in shown
    other = Cursor.objects.create(connection=world.connection, resource="returns")
    assert "Every kind of data was read" not in manager.get(address).content.decode()
    other.delete()
    PullRun.objects.filter(pk=run.pk).update(
        state="failed", finished_at=now - timedelta(hours=2), fetched=0
    )
    assert "nothing was new" not in manager.get(address).content.decode()


def test_filters_agree_with_what_there_are_all_of(manager: Client) -> None:
    manager.post("/language", {"language": "fr", "next": "/"})
    page = manager.get(reverse("pipeline"))
    said = {
        name: field.choices[0][1]
        for name, field in page.context["form"].fields.items()
        if name != "q"
    }
    assert {name: str(word) for name, word in said.items()} == {
        "phase": "Toutes",
        "party": "Tous",
        "platform": "Toutes",
        "owner": "Tous",
        "language": "Toutes",
        "flag": "Tous",
    }


def test_the_way_back_goes_from_the_company_to_its_shop(world: World, manager: Client) -> None:
    shop = reverse("console_shop", args=[world.shop.slug])
    for name in ("console_history", "console_golive", "erase_shop"):
        shown = manager.get(reverse(name, args=[world.shop.slug])).content.decode()
        crumbs = re.sub(r"<[^>]+>", "", re.findall(r'<p class="eyebrow">(.*?)</p>', shown)[0])
        assert crumbs == "Pipeline · Maison · Paris"
        assert f'<a href="{shop}">Paris</a></p>' in shown
