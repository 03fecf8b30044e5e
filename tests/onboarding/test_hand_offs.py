"""A task in the hands of an agency: they do it, read no secret, see nothing else, and every use is noted."""

import html
import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from connectors import checking, connections
from connectors.models import Check
from kleep_portal import redaction
from onboarding import delivery, links, phases, services
from onboarding.models import Event, HandOff, Mail, Shop
from onboarding.phases import Party
from tests.onboarding.conftest import SECRETS, World
from tests.onboarding.magento import Magento


def handed(shop: Shop, world: World, task: str = HandOff.Task.ACCESS) -> HandOff:
    more = {"email": "dev@agency.example", "name": "Agency Nord", "language": "fr"}
    return services.hand_off(shop, task, **more, by=world.people["owner"])


def opened(link: HandOff) -> Client:
    client = Client()
    answer = client.post(reverse("hand_off_open", args=[links.token(link)]))
    assert answer.status_code == 302
    return client


def history(shop: Shop) -> list[tuple[str, str]]:
    events = Event.objects.filter(shop=shop).order_by("pk")
    return [(event.kind, str(event.by or "")) for event in events]


def test_a_task_is_handed_on_by_a_form_and_the_mail_holds_the_link(world: World) -> None:
    client = world.client("developer")
    address = reverse("hand_offs", args=[world.shop.slug])
    assert 'value="access" selected' in client.get(f"{address}?task=access").content.decode()
    sent = {
        "task": "access",
        "email": "dev@agency.example",
        "name": "Agency Nord",
        "language": "fr",
    }
    assert client.post(address, sent).headers["Location"] == address
    delivery.deliver(Mail.objects.get())
    message = mail.outbox[0]
    assert (message.subject, message.to) == ("Maison : une tâche pour vous", ["dev@agency.example"])
    link = re.search(r"http://\S+(/hand-off/\S+)", str(message.body))
    assert link
    answer = Client().post(link[1])
    assert answer.headers["Location"] == f"/shops/{world.shop.slug}/access"
    assert history(world.shop)[-2:] == [
        ("handed_off", "Developer"),
        ("hand_off_opened", "Agency Nord"),
    ]
    assert "Agency Nord" in client.get(address).content.decode()
    assert "Agency Nord" in client.get(f"/shops/{world.shop.slug}/").content.decode()


def test_a_form_that_is_sent_twice_sends_one_link(world: World) -> None:
    client = world.client("developer")
    address = reverse("hand_offs", args=[world.shop.slug])
    sent = {"task": "access", "email": "dev@agency.example", "name": "Nord", "language": "fr"}
    for _click in (1, 2):
        assert client.post(address, sent).headers["Location"] == address
    assert HandOff.objects.count() == Mail.objects.count() == 1
    # Somebody else there, another task, and the same later on are links of their own.
    client.post(address, {**sent, "name": "Sud"})
    client.post(address, {**sent, "task": "widget"})
    HandOff.objects.update(created_at=timezone.now() - timedelta(minutes=2))
    client.post(address, sent)
    assert HandOff.objects.count() == Mail.objects.count() == 4


@pytest.mark.django_db(transaction=True)
def test_the_agency_enters_credentials_and_sees_the_check(
    world: World, shop: Shop, magento: Magento
) -> None:
    services.choose_platform(shop, "magento", by=None)
    client = opened(handed(shop, world))
    answer = client.post(reverse("access", args=[shop.slug]), magento.fields())
    assert answer.headers["Location"] == reverse("check", args=[shop.slug])
    checking.run(Check.objects.get())
    page = html.unescape(client.get(answer.headers["Location"]).content.decode())
    assert "Everything that is needed can be read." in page
    client.post(reverse("check_again", args=[shop.slug, "orders"]))
    shop.refresh_from_db()
    assert shop.connection is not None
    assert shop.connection.secrets_set_by == "dev@agency.example"
    done = [kind for kind, who in history(shop) if who == "Agency Nord"]
    assert done == ["hand_off_opened", "credentials_saved", "check_started", "check_started"]


def test_the_agency_sees_no_secret_no_fingerprint_and_no_other_task(world: World) -> None:
    client = opened(handed(world.shop, world))
    page = html.unescape(client.get(reverse("access", args=[world.shop.slug])).content.decode())
    assert "One is stored. Leave it blank to keep it." in page
    for value in (*SECRETS.values(), *connections.fingerprints(world.connection).values()):
        assert value not in page
    assert "Is the value that you have the stored one?" not in page
    linked = set(re.findall(r'href="(/[^"]*)"', page)) - {"/"}
    assert {path for path in linked if not path.startswith("/static/")} == set()
    compare = reverse("access_compare", args=[world.shop.slug])
    asked = client.post(compare, {"name": "access_token", "value": SECRETS["access_token"]})
    assert asked.headers["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("what", ["revoked", "expired", "renewed"])
def test_a_link_stops_at_once_in_a_browser_that_has_it_open(world: World, what: str) -> None:
    link = handed(world.shop, world)
    client, when = opened(link), timezone.now()
    address = reverse("hand_off_open", args=[links.token(link)])
    if what == "revoked":
        services.revoke_hand_off(link, by=world.people["owner"])
    elif what == "renewed":
        services.renew_hand_off(link, by=world.people["owner"])
    else:
        when += timedelta(days=7, seconds=1)
    sealed, events = world.connection.sealed, Event.objects.count()
    form = reverse("access", args=[world.shop.slug])
    with time_machine.travel(when, tick=False):
        given = [client.get(form), client.post(form, SECRETS), client.get(address)]
    status = (
        [302, 302, 404] if what == "renewed" else [410] * 3
    )  # a new link: the old one is nothing
    assert [answer.status_code for answer in given] == status
    if what != "renewed":
        assert "Ask Owner, who sent it to you, for a new one." in given[0].content.decode()
    world.connection.refresh_from_db()
    assert (world.connection.sealed, Event.objects.count()) == (sealed, events)


def test_a_part_of_a_page_reloads_whole_when_the_link_is_over(world: World) -> None:
    link = handed(world.shop, world)
    client = opened(link)
    services.revoke_hand_off(link, by=world.people["owner"])
    lines = reverse("check_lines", args=[world.shop.slug])
    assert client.get(lines, headers={"HX-Request": "true"})["HX-Refresh"] == "true"


def test_every_browser_that_opens_it_is_noted_and_the_same_one_once(world: World) -> None:
    link = handed(world.shop, world)
    client = opened(link)
    again = client.get(reverse("hand_off_open", args=[links.token(link)]))
    assert again.headers["Location"] == f"/shops/{world.shop.slug}/access"
    opened(link)
    uses = [kind for kind, _who in history(world.shop) if kind == "hand_off_opened"]
    assert len(uses) == 2


@pytest.mark.parametrize("method", ["get", "head"])
def test_to_look_at_a_link_opens_nothing_and_is_not_noted(world: World, method: str) -> None:
    """Scanners of e-mails follow links."""
    link, client = handed(world.shop, world), Client(enforce_csrf_checks=True)
    before = history(world.shop)
    address = reverse("hand_off_open", args=[links.token(link)])
    answer = getattr(client, method)(address)
    assert answer.status_code == 200
    assert client.get(reverse("access", args=[world.shop.slug])).status_code == 302
    link.refresh_from_db()
    assert (link.opened_at, history(world.shop)) == (None, before)
    page = client.get(address).content.decode()
    assert "Owner asks you to do this for Paris of Maison." in page
    sent = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert sent
    assert client.post(address).status_code == 403
    assert client.post(address, {"csrfmiddlewaretoken": sent[1]}).status_code == 302
    assert history(world.shop)[-1] == ("hand_off_opened", "Agency Nord")


def test_a_member_who_opens_a_link_stays_themselves(world: World) -> None:
    client = world.client("owner")
    client.post(reverse("hand_off_open", args=[links.token(handed(world.shop, world))]))
    client.post(reverse("check_start", args=[world.shop.slug]))
    assert history(world.shop)[-1] == ("check_started", "Owner")


def test_a_link_of_another_shop_is_not_revoked_through_ones_own(world: World) -> None:
    theirs = world.link("holder elsewhere")
    for action in ("revoke", "renew"):
        address = reverse(f"hand_off_{action}", args=[world.shop.slug, theirs.pk])
        assert world.client("owner").post(address).status_code == 404
    theirs.refresh_from_db()
    assert theirs.revoked_at is None


def test_a_task_that_was_handed_on_waits_for_whoever_holds_the_link(
    world: World, shop: Shop
) -> None:
    services.choose_platform(shop, "magento", by=None)

    def turns() -> dict[str, Party]:
        return {
            task.key: task.turn for task in phases.tasks(shop) if task.key in ("access", "data")
        }

    assert turns() == {"access": Party.MERCHANT, "data": Party.MERCHANT}
    link = handed(shop, world)
    assert turns() == {"access": Party.AGENCY, "data": Party.MERCHANT}
    access = next(task for task in phases.tasks(shop) if task.key == "access")
    assert access.since == link.created_at
    services.revoke_hand_off(link, by=world.people["owner"])
    assert turns()["access"] == Party.MERCHANT


def test_a_word_in_an_address_is_not_blanked_out_of_the_logs(world: World) -> None:
    assert links.find(HandOff, "ordinary-word") is None
    assert redaction.scrub("an ordinary-word stays") == "an ordinary-word stays"
    token = links.token(world.link("holder of access"))
    assert links.find(HandOff, token) is not None
    assert redaction.scrub(f"opened {token}") == f"opened {redaction.MARK}"
