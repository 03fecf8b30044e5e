"""Signatures of a go-live: who may give them, what they stand on, what makes them void."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from onboarding import looking, phases, reverifying, services, standing
from onboarding.browser.lines import Finding, Item, Line, Status
from onboarding.checklist import Checklist, State
from onboarding.golive import GoLive, Stage
from onboarding.models import (
    Decision,
    Event,
    Evidence,
    Mail,
    Membership,
    PageRun,
    ProductPage,
    Shop,
    Standing,
    Tick,
    User,
)
from onboarding.signed_lines import By
from tests.onboarding.conftest import World

PAGE = "https://shop.example/dress"
PREPROD, PRODUCTION = Shop.Environment.PREPROD, Shop.Environment.PRODUCTION
MERCHANTS, KLEEPS = ("look", "advice", "privacy"), ("data", "tuned")


def looked(
    shop: Shop,
    *,
    environment: str = PREPROD,
    url: str = PAGE,
    fingerprint: str = "as it is",
    **failing: str,
) -> PageRun:
    """A finished run of a page; `failing`: the reason of each item that fails."""
    ProductPage.objects.get_or_create(shop=shop, environment=environment, url=url)
    lines = [
        Line(
            item=item,
            status=Status.FAILED if item in failing else Status.PASSED,
            findings=(Finding(code=failing[item]),) if item in failing else (),
        )
        for item in Item
    ]
    return PageRun.objects.create(
        shop=shop,
        environment=environment,
        url=url,
        state=PageRun.State.FINISHED,
        finished_at=timezone.now(),
        lines=[_plain(line) for line in lines],
        fingerprint=fingerprint,
    )


def _plain(line: Line) -> dict[str, Any]:
    return {
        "item": line.item,
        "status": line.status,
        "findings": [{"code": one.code, "params": {}, "screen": ""} for one in line.findings],
    }


def sign(world: World, items: tuple[str, ...], who: str = "owner") -> None:
    for item in items:
        services.tick(world.shop, item, by=world.people[who])


def confirmed(world: World) -> World:
    looked(world.shop)
    sign(world, MERCHANTS)
    services.confirm(world.shop, by=world.people["owner"])
    return world


def approved(world: World) -> World:
    confirmed(world)
    sign(world, KLEEPS, "manager")
    services.approve(world.shop, by=world.people["approver"])
    return world


def live(world: World) -> World:
    approved(world)
    looked(world.shop, environment=PRODUCTION)
    assert services.verify_production(world.shop) is not None
    return world


def stage(world: World) -> Stage:
    return GoLive(Shop.objects.get(pk=world.shop.pk)).stage


def counts() -> tuple[int, int, int]:
    return Decision.objects.count(), Event.objects.count(), Tick.objects.count()


def refused(act: Callable[[], object]) -> str:
    """Why it was refused; nothing has changed then."""
    before = counts()
    with pytest.raises(services.RefusedError) as caught:
        act()
    assert counts() == before
    return str(caught.value.text)


def test_nothing_is_ticked_by_default(world: World) -> None:
    ProductPage.objects.create(shop=world.shop, environment=PREPROD, url=PAGE)
    checklist = Checklist(world.shop, PREPROD)
    assert {row.state for row in checklist.machine} == {State.WAITING}
    assert {row.state for row in checklist.signed} == {State.OPEN}
    assert len(checklist.blockers) == len(Item) - 1 + len(MERCHANTS) + len(KLEEPS)


def test_the_whole_way_and_who_signed(world: World) -> None:
    live(world)
    kinds = list(world.shop.decisions.order_by("pk").values_list("kind", "by__email"))
    assert kinds == [
        ("confirmed", "owner@maison.example"),
        ("approved", world.people["approver"].email),
        ("verified", None),
    ]
    world.shop.refresh_from_db()
    assert (stage(world), world.shop.environment) == (Stage.LIVE, PRODUCTION)
    told = Mail.objects.values_list("kind", "to").order_by("kind", "to")
    assert list(told) == [
        (kind, f"{who}@maison.example")
        for kind in ("approved", "live")
        for who in ("developer", "owner")
    ]


def test_the_merchant_cannot_confirm_before_everything_is_there(world: World) -> None:
    owner = world.people["owner"]
    assert "not looked" in refused(lambda: services.confirm(world.shop, by=owner))
    assert "not looked" in refused(lambda: services.tick(world.shop, "look", by=owner))
    looked(world.shop, button="button_missing")
    sign(world, MERCHANTS)
    assert "still open" in refused(lambda: services.confirm(world.shop, by=owner))
    looked(world.shop, fingerprint="mended")
    assert "still open" in refused(lambda: services.confirm(world.shop, by=owner))  # stale
    sign(world, ("look", "advice"))
    services.confirm(world.shop, by=owner)
    assert stage(world) is Stage.CONFIRMED


def test_what_does_not_block_does_not(world: World) -> None:
    looked(world.shop, speed="speed_added")
    sign(world, MERCHANTS)
    services.confirm(world.shop, by=world.people["owner"])
    assert stage(world) is Stage.CONFIRMED


def test_a_line_that_is_signed_by_two_clicks_is_signed_once(world: World) -> None:
    looked(world.shop)
    sign(world, ("look", "look"))
    assert Tick.objects.filter(withdrawn_at=None).count() == Tick.objects.count() == 1
    assert Event.objects.filter(kind="line_signed").count() == 1
    services.untick(world.shop, "look", by=world.people["owner"])
    sign(world, ("look",))
    assert Tick.objects.filter(withdrawn_at=None).count() == 1
    assert Tick.objects.count() == 2


def test_a_signature_is_for_the_page_that_was_shown(world: World) -> None:
    looked(world.shop)
    shown = Checklist(world.shop, PREPROD).fingerprint
    looked(world.shop, fingerprint="changed")
    owner = world.people["owner"]
    why = refused(lambda: services.tick(world.shop, "look", by=owner, fingerprint=shown))
    assert "changed meanwhile" in why


def test_a_page_that_changes_makes_the_signatures_about_it_void(world: World) -> None:
    confirmed(world)
    looked(world.shop, fingerprint="another button")
    states = {row.key: row.state for row in Checklist(world.shop, PREPROD).of(By.MERCHANT)}
    assert states == {"look": State.STALE, "advice": State.STALE, "privacy": State.DONE}
    facts = GoLive(world.shop)
    assert (facts.stage, facts.is_outdated) == (Stage.PREPARING, True)
    sign(world, KLEEPS, "manager")
    assert "not confirmed" in refused(
        lambda: services.approve(world.shop, by=world.people["approver"])
    )


def test_the_worst_of_several_pages_counts_and_is_named(world: World) -> None:
    other = "https://shop.example/coat"
    looked(world.shop)
    looked(world.shop, url=other, button="button_missing")
    row = next(row for row in Checklist(world.shop, PREPROD).machine if row.key == Item.BUTTON)
    assert row.state is State.FAILED
    assert [said.startswith(f"{other} — Kleep's script loads") for said in row.findings] == [True]
    ProductPage.objects.create(shop=world.shop, environment=PREPROD, url=f"{other}-new")
    assert not Checklist(world.shop, PREPROD).is_complete


@pytest.mark.parametrize("who", ["owner", "support", "staff"])
def test_only_a_manager_or_an_approver_approves(world: World, who: str) -> None:
    confirmed(world)
    sign(world, KLEEPS, "manager")
    by = world.people.get(who) or User.objects.create_user("s@kleep.example", is_staff=True)
    assert "Only an onboarding manager" in refused(lambda: services.approve(world.shop, by=by))


def test_an_open_line_of_kleeps_keeps_it_from_being_approved(world: World) -> None:
    confirmed(world)
    sign(world, ("data",), "manager")
    assert "still open" in refused(
        lambda: services.approve(world.shop, by=world.people["approver"])
    )


@pytest.mark.parametrize("signed", ["whole", "line"])
def test_who_signed_for_the_merchant_does_not_approve(world: World, signed: str) -> None:
    looked(world.shop)
    manager, owner = world.people["manager"], world.people["owner"]
    Membership.objects.create(user=manager, merchant=world.merchant)
    sign(world, MERCHANTS)
    if signed == "line":
        services.tick(world.shop, "privacy", by=manager)
    services.confirm(world.shop, by=manager if signed == "whole" else owner)
    sign(world, KLEEPS, "manager")
    assert "Somebody else" in refused(lambda: services.approve(world.shop, by=manager))
    services.approve(world.shop, by=world.people["approver"])
    assert stage(world) is Stage.APPROVED


@pytest.mark.parametrize("role", ["", Membership.Role.VIEWER])
def test_kleeps_staff_do_not_confirm_for_a_merchant(world: World, role: str) -> None:
    looked(world.shop)
    sign(world, MERCHANTS)
    manager = world.people["manager"]
    if role:
        Membership.objects.create(user=manager, merchant=world.merchant, role=role)
    assert "Only somebody of the merchant" in refused(
        lambda: services.confirm(world.shop, by=manager)
    )
    assert (stage(world), Decision.objects.exists()) == (Stage.PREPARING, False)
    address, button = f"/shops/{world.shop.slug}/validate", "Sign it all and send it to Kleep"
    assert button not in world.client("manager").get(address).content.decode()
    assert button in world.client("owner").get(address).content.decode()


def test_sending_back_needs_a_reason_and_voids_those_lines(world: World) -> None:
    confirmed(world)
    by = world.people["approver"]
    assert "Write down why" in refused(lambda: services.send_back(world.shop, by=by, reason=" "))
    services.send_back(world.shop, by=by, reasons={"look": "It hides the price.", "privacy": ""})
    facts = GoLive(world.shop)
    assert facts.stage is Stage.PREPARING
    assert facts.sent_back is not None
    assert facts.sent_back.reasons == {"look": "It hides the price."}
    rows = {row.key: row.state for row in facts.preprod.of(By.MERCHANT)}
    assert rows == {"look": State.OPEN, "advice": State.DONE, "privacy": State.DONE}
    mail = Mail.objects.get(kind="sent_back", to="owner@maison.example")
    assert mail.data["reason"] == "It hides the price."


def test_production_is_verified_by_the_machine_after_the_approval_alone(world: World) -> None:
    confirmed(world)
    looked(world.shop, environment=PRODUCTION)
    assert services.verify_production(world.shop) is None
    sign(world, KLEEPS, "manager")
    services.approve(world.shop, by=world.people["approver"])
    looked(world.shop, environment=PRODUCTION, button="button_missing")
    assert services.verify_production(world.shop) is None
    assert stage(world) is Stage.APPROVED
    reverifying.after(looked(world.shop, environment=PRODUCTION))
    assert stage(world) is Stage.LIVE


def test_undoing_pauses_the_pulls_and_keeps_the_data(world: World) -> None:
    live(world)
    by = world.people["manager"]
    assert "Write down why" in refused(lambda: services.undo_go_live(world.shop, by=by, reason=""))
    services.undo_go_live(world.shop, by=by, reason="Wrong catalogue.")
    world.connection.refresh_from_db()
    world.shop.refresh_from_db()
    assert (stage(world), world.shop.environment) == (Stage.UNDONE, PREPROD)
    assert world.connection.paused_at is not None
    assert world.connection.sealed
    assert "nothing to undo" in refused(
        lambda: services.undo_go_live(world.shop, by=by, reason="Again.")
    )
    mails = Mail.objects.filter(kind="undone").values_list("data__reason", flat=True)
    assert set(mails) == {"Wrong catalogue."}
    # And from the beginning: the pulls go on when Kleep approves again.
    services.confirm(world.shop, by=world.people["owner"])
    services.approve(world.shop, by=world.people["approver"])
    world.connection.refresh_from_db()
    assert world.connection.paused_at is None


def test_undoing_one_shop_does_not_pause_another_on_the_same_connection(world: World) -> None:
    live(world)
    other = services.create_shop(world.merchant, "Other", by=None)
    Shop.objects.filter(pk=other.pk).update(connection=world.connection)
    services.undo_go_live(world.shop, by=world.people["manager"], reason="Wrong.")
    world.connection.refresh_from_db()
    assert world.connection.paused_at is None


def test_a_live_page_that_breaks_is_told_once_and_again_when_it_is_mended(world: World) -> None:
    live(world)
    broken = {"environment": PRODUCTION, "drawer": "drawer_closed"}
    for _ in range(2):
        reverifying.after(looked(world.shop, **broken))
    reverifying.after(looked(world.shop, environment=PRODUCTION))
    kinds = world.shop.events.filter(kind__startswith="page_").order_by("pk")
    assert list(kinds.values_list("kind", flat=True)) == ["page_broken", "page_recovered"]
    assert Mail.objects.filter(kind="page_broken").count() == 2  # the owner and the developer
    assert stage(world) is Stage.LIVE


def test_a_page_that_is_looked_at_is_not_asked_twice(world: World) -> None:
    owner = world.people["owner"]
    why = refused(lambda: services.start_page_runs(world.shop, PREPROD, by=owner))
    assert "address of a product page" in why
    ProductPage.objects.create(shop=world.shop, environment=PREPROD, url=PAGE)
    assert len(services.start_page_runs(world.shop, PREPROD, by=owner)) == 1
    assert services.start_page_runs(world.shop, PREPROD, by=owner) == []
    assert PageRun.objects.count() == 1


def test_without_a_browser_a_look_waits_and_nothing_is_ticked(world: World, settings: Any) -> None:
    settings.BROWSER_PROGRAM = "no-such-browser"
    ProductPage.objects.create(shop=world.shop, environment=PREPROD, url=PAGE)
    (run,) = services.start_page_runs(world.shop, PREPROD, by=None)
    assert looking.look(run.pk) is None
    run.refresh_from_db()
    assert (run.state, run.attempts) == (PageRun.State.QUEUED, 0)
    assert looking.worker_state() == looking.MISSING
    page = world.client("manager").get(reverse("console_golive", args=[world.shop.slug]))
    assert "has no browser" in page.content.decode()
    assert "apt install chromium" in page.content.decode()


def test_lost_looks_come_back_and_are_given_up_after_the_second_time(world: World) -> None:
    long_ago = timezone.now() - timedelta(seconds=settings.BROWSER_SECONDS + 120)
    made = {"shop": world.shop, "environment": PREPROD, "url": PAGE, "started_at": long_ago}
    running = PageRun.State.RUNNING
    once = PageRun.objects.create(**made, state=running, attempts=1)
    twice = PageRun.objects.create(**made, state=running, attempts=2)
    looking.release_lost()
    assert looking.to_queue(10) == [once.pk]
    assert looking.to_queue(10) == []
    twice.refresh_from_db()
    assert twice.state == PageRun.State.FAILED


def test_live_shops_are_looked_at_once_a_day_at_a_time_of_their_own(world: World) -> None:
    live(world)
    now = datetime(2026, 5, 4, 12, tzinfo=UTC)
    turns = {reverifying.last_turn(f"shop-{number}", now) for number in range(50)}
    assert len(turns) == 50
    assert all(now - timedelta(days=1) < turn <= now for turn in turns)
    reverifying.look_where_due()
    assert not PageRun.objects.filter(state=PageRun.State.QUEUED).exists()  # seen just now
    PageRun.objects.update(asked_at=timezone.now() - timedelta(days=2))
    reverifying.look_where_due()
    reverifying.look_where_due()
    queued = PageRun.objects.filter(state=PageRun.State.QUEUED)
    assert list(queued.values_list("environment", "asked_by")) == [(PRODUCTION, None)]


def test_old_evidence_goes_but_not_what_signatures_stand_on(world: World) -> None:
    signed = looked(world.shop)
    sign(world, ("look",))
    plain = [looked(world.shop) for _ in range(3)]
    pictures = [
        Evidence.objects.create(
            run=run, name="desktop-button", file=ContentFile(b"x", name="x.jpg")
        )
        for run in [signed, *plain]
    ]
    PageRun.objects.update(
        asked_at=timezone.now() - timedelta(days=settings.BROWSER_EVIDENCE_DAYS + 1)
    )
    reverifying.delete_old_evidence()
    assert list(PageRun.objects.order_by("pk")) == [signed, *plain[1:]]
    assert [one.file.storage.exists(one.file.name) for one in pictures] == [True, False, True, True]
    for one in pictures:
        one.file.delete(save=False)


def test_pictures_are_for_the_members_of_the_shops_merchant(world: World) -> None:
    run = looked(world.shop)
    picture = Evidence.objects.create(
        run=run, name="mobile-drawer", file=ContentFile(b"picture", name="p.jpg")
    )
    address = reverse("look_picture", args=[world.shop.slug, picture.pk])
    answer = world.client("viewer").get(address)
    assert b"".join(answer.streaming_content) == b"picture"  # type: ignore[attr-defined]
    assert answer["Content-Disposition"].startswith("attachment;")
    assert answer["Content-Type"] == "image/jpeg"
    other = services.create_shop(world.merchant, "Other", by=None)
    elsewhere = reverse("look_picture", args=[other.slug, picture.pk])
    assert world.client("owner").get(elsewhere).status_code == 404
    assert world.client("stranger").get(address).status_code == 404
    picture.file.delete(save=False)


def _page(client: Client, name: str, world: World) -> str:
    return client.get(reverse(name, args=[world.shop.slug])).content.decode()


def test_the_pages_say_where_it_stands(world: World) -> None:
    owner, manager = world.client("owner"), world.client("manager")
    looked(world.shop, cors="drawer_closed")
    assert "1 thing has to be mended." in _page(owner, "validate", world)
    looked(world.shop, fingerprint="mended")
    sign(world, MERCHANTS)
    assert "Sign it all and send it to Kleep" in _page(owner, "validate", world)
    owner.post(reverse("golive_confirm", args=[world.shop.slug]))
    assert "it is Kleep's turn" in _page(owner, "validate", world)
    assert "Your decision" in _page(manager, "console_golive", world)
    sign(world, KLEEPS, "manager")
    world.client("approver").post(reverse("console_approve", args=[world.shop.slug]))
    assert "Enter a product page of your real shop" in _page(owner, "shop", world)
    looked(world.shop, environment=PRODUCTION)
    services.verify_production(world.shop)
    assert "You are live" in _page(owner, "golive", world)
    certificate = _page(owner, "certificate", world)
    signers = [str(world.people[who]) for who in ("owner", "manager", "approver")]
    assert all(who in certificate for who in [*signers, PAGE])
    manager.post(reverse("console_undo", args=[world.shop.slug]), {"reason": "Price covered."})
    assert "Price covered." in _page(owner, "golive", world)
    assert "How to remove the button" in _page(owner, "golive", world)
    gone = owner.get(reverse("certificate", args=[world.shop.slug]))
    assert gone.status_code == 404


def test_the_page_is_fetched_whole_when_the_looks_are_over(world: World) -> None:
    """What may be signed depends on them, and a form is for the page that was shown."""
    address = reverse("looks", args=[world.shop.slug, "validate"])
    run = looked(world.shop)
    PageRun.objects.filter(pk=run.pk).update(state=PageRun.State.RUNNING)
    client, asks = world.client("owner"), {"HX-Request": "true"}
    assert "HX-Refresh" not in client.get(address, headers=asks)
    PageRun.objects.filter(pk=run.pk).update(state=PageRun.State.FINISHED)
    assert client.get(address, headers=asks)["HX-Refresh"] == "true"
    assert "What our browser proves" in client.get(address).content.decode()


def test_pages_to_look_at_must_be_addresses_that_we_may_open(world: World) -> None:
    address = reverse("look_pages", args=[world.shop.slug, "validate"])
    client = world.client("owner")
    for urls in (
        "ftp://shop.example/x",
        "https://user:pw@shop.example/",
        "\n".join(map(str, range(6))),
    ):
        assert client.post(address, {"urls": urls}).status_code == 422
    assert not ProductPage.objects.exists()
    assert client.post(address, {"urls": f"{PAGE}\n{PAGE}"}).status_code == 302
    assert list(ProductPage.objects.values_list("url", flat=True)) == [PAGE]
    assert PageRun.objects.count() == 1


def test_what_was_seen_before_kleep_approved_does_not_make_a_shop_live(world: World) -> None:
    live(world)
    other = f"{PAGE}-in-red"
    looked(world.shop, environment=PRODUCTION, url=other)
    manager, approver = world.people["manager"], world.people["approver"]
    services.undo_go_live(world.shop, by=manager, reason="The advice is wrong.")
    services.confirm(world.shop, by=world.people["owner"])
    services.approve(world.shop, by=approver)
    reverifying.after(looked(world.shop, environment=PRODUCTION))
    assert stage(world) is Stage.APPROVED
    reverifying.after(looked(world.shop, environment=PRODUCTION, url=other))
    assert stage(world) is Stage.LIVE


def test_a_shop_whose_page_broke_is_live_all_the_same(world: World) -> None:
    live(world)
    looked(world.shop, environment=PRODUCTION, button="button_missing")
    shop = Shop.objects.get(pk=world.shop.pk)
    golive = next(task for task in phases.tasks(shop) if task.key == "golive")
    assert golive.state is phases.State.PROBLEM
    assert standing.refresh(shop).is_live


def test_a_shop_that_cannot_be_computed_holds_no_other_up(world: World, monkeypatch) -> None:
    second = services.create_shop(world.merchant, "Second", by=None)
    compute = standing.refresh

    def refresh(shop: Shop) -> Standing:
        if shop == world.shop:
            raise KeyError("our own bug")
        return compute(shop)

    monkeypatch.setattr(standing, "refresh", refresh)
    standing.refresh_due(seconds=30)
    assert Standing.objects.filter(shop=second).exists()
