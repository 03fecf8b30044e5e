"""Members and invitations: invited by mail, joined once, in a role that fits, and removed at once."""

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from onboarding import delivery, links, services
from onboarding.models import Event, Invitation, Mail, Membership, Merchant, User
from tests.onboarding.conftest import PASSWORD, World

NEW = {"name": "Ada Lovelace", "password": "a long enough password"}


def invitation(world: World, email: str = "ada@maison.example", **more: str) -> Invitation:
    return services.invite(world.merchant, email=email, by=world.people["owner"], **more)


def path(link: Invitation) -> str:
    return reverse("invitation", args=[links.token(link)])


def opened(link: Invitation, client: Client | None = None) -> Client:
    """A browser that has followed the link of the e-mail."""
    client = client or Client()
    assert client.get(path(link), follow=True).status_code == 200
    return client


def test_what_somebody_sent_out_ends_with_their_membership(world: World) -> None:
    owner, developer = world.people["owner"], world.people["developer"]
    link = services.hand_off(world.shop, "access", email="me@home.example", by=developer)
    theirs = services.invite(world.merchant, email="me@home.example", by=developer)
    other = services.invite(world.merchant, email="ada@maison.example", by=owner)
    services.remove_member(Membership.objects.get(user=developer), by=owner)
    for sent in (link, theirs, other):
        sent.refresh_from_db()
    assert [sent.is_open for sent in (link, theirs, other)] == [False, False, True]
    events = Event.objects.filter(merchant=world.merchant).order_by("-pk")[:3]
    assert [(event.kind, event.actor) for event in events] == [
        ("invitation_revoked", owner),
        ("hand_off_revoked", owner),
        ("member_removed", owner),
    ]


def kinds(merchant: Merchant) -> list[str]:
    events = Event.objects.filter(merchant=merchant, shop=None).order_by("pk")
    return list(events.values_list("kind", flat=True))


# --- the way in ---


def test_an_invited_person_makes_an_account_and_stands_on_their_shop(world: World) -> None:
    invited = invitation(world, role=Membership.Role.DEVELOPER, language="fr")
    delivery.deliver(Mail.objects.get())
    sent = re.search(r"http://\S+(/invitation/\S+)", str(mail.outbox[0].body))
    assert sent
    client = Client()
    assert client.get(sent[1]).headers["Location"] == "/invitation"  # no token in the address bar
    answer = client.post("/invitation", NEW)
    assert answer.headers["Location"] == f"/shops/{world.shop.slug}/"
    user = User.objects.get(email="ada@maison.example")
    assert (user.name, user.check_password(NEW["password"])) == ("Ada Lovelace", True)
    assert Membership.objects.get(user=user).role == "developer"
    assert EmailAddress.objects.get(user=user).verified
    page = client.get(f"/shops/{world.shop.slug}/")
    assert "You belong to Maison now" in page.content.decode()
    invited.refresh_from_db()
    assert invited.accepted_by == user
    assert kinds(world.merchant)[-2:] == ["member_invited", "member_joined"]


def test_an_invitation_is_used_once(world: World) -> None:
    link = invitation(world)
    address = path(link)
    one, other = opened(link), opened(link)
    one.post("/invitation", NEW)
    again = other.post("/invitation", {**NEW, "name": "Eve"})
    assert again.status_code == 410
    later = Client().get(address)
    assert later.status_code == 410
    assert "This invitation was accepted already" in later.content.decode()
    assert "for a new one" not in later.content.decode()
    assert User.objects.filter(email="ada@maison.example").count() == 1


@pytest.mark.parametrize("what", ["expired", "revoked", "replaced", "renewed"])
def test_an_invitation_that_is_over_opens_nothing(world: World, what: str) -> None:
    link = invitation(world)
    address, client, when = path(link), opened(link), timezone.now()
    if what == "expired":
        when += timedelta(days=7, seconds=1)
    elif what == "revoked":
        services.revoke_invitation(link, by=world.people["owner"])
    elif what == "replaced":
        invitation(world)
    else:
        services.renew_invitation(link, by=world.people["owner"])
    with time_machine.travel(when, tick=False):
        answers = {Client().get(address).status_code, client.post("/invitation", NEW).status_code}
    assert answers == ({404} if what == "renewed" else {410})
    assert not User.objects.filter(email="ada@maison.example").exists()


def test_a_token_that_was_changed_or_belongs_to_something_else_is_not_found(world: World) -> None:
    link = invitation(world)
    token = links.token(link)
    pk, signature = token.split("-")
    hand_off = world.link("holder of access")
    others = [f"{int(pk) + 1}-{signature}", f"{pk}-{'0' * 64}", f"{pk}-", "x", token[:-1]]
    for wrong in [*others, links.token(hand_off)]:
        assert Client().get(reverse("invitation", args=[wrong])).status_code == 404
    assert Client().get(reverse("hand_off_open", args=[token])).status_code == 404


def test_no_table_holds_what_opens_a_link(world: World) -> None:
    link = invitation(world)
    token = links.token(link)
    rows = [str(list(model.objects.values())) for model in (Invitation, Mail, Event)]
    assert all(token.split("-")[1] not in row for row in rows)


def test_links_cannot_be_tried_out_without_end(world: World) -> None:
    client = Client()
    answers = [
        client.get(f"/invitation/{number}-{'0' * 64}").status_code for number in range(1, 32)
    ]
    assert answers[:30] == [404] * 30
    assert answers[30] == 429


def test_a_weak_password_is_refused_and_not_shown_again(world: World) -> None:
    client = opened(invitation(world))
    answer = client.post("/invitation", {"name": "Ada", "password": "ada@maison.example"})
    shown = answer.content.decode()
    assert answer.status_code == 200
    assert "too similar to the e-mail address" in shown
    assert 'value="Ada"' in shown
    assert not User.objects.filter(email="ada@maison.example").exists()


# --- somebody who has an account ---


def test_who_has_an_account_logs_in_and_joins_the_second_company(world: World) -> None:
    atelier = Merchant.objects.get(name="Atelier")
    stranger = world.people["stranger"]
    link = services.invite(atelier, email="owner@maison.example", role="viewer", by=stranger)
    client = opened(link)
    page = client.get("/invitation").content.decode()
    assert 'name="password"' not in page
    assert "/accounts/login/?next=/invitation" in page
    answer = client.post(
        "/accounts/login/?next=/invitation",
        {"login": "owner@maison.example", "password": PASSWORD},
    )
    assert answer.headers["Location"] == "/invitation"
    assert Membership.objects.filter(user=world.people["owner"]).count() == 1
    client.post("/invitation")
    assert Membership.objects.get(user=world.people["owner"], merchant=atelier).role == "viewer"


def test_somebody_else_who_is_logged_in_does_not_take_the_invitation(world: World) -> None:
    client = opened(invitation(world), world.client("viewer"))
    assert "you are logged in as" in client.get("/invitation").content.decode()
    client.post("/invitation")
    assert Invitation.objects.get().accepted_at is None
    assert not Membership.objects.filter(user__email="ada@maison.example").exists()


def test_a_session_gets_another_id_when_a_link_is_opened_and_when_somebody_logs_in(
    world: World,
) -> None:
    client = Client()
    client.get(path(invitation(world)))
    first = client.cookies["sessionid"].value
    client.get(path(Invitation.objects.get()))
    second = client.cookies["sessionid"].value
    client.post("/invitation", NEW)
    assert len({first, second, client.cookies["sessionid"].value}) == 3


# --- the page ---


def test_the_page_shows_who_has_access_and_an_owner_invites(world: World) -> None:
    address = reverse("people", args=[world.merchant.pk])
    client = world.client("owner")
    page = client.get(address).content.decode()
    assert [name in page for name in ("Owner", "Developer", "Viewer")] == [True] * 3
    assert "stranger@" not in page
    client.post(
        f"{address}/invite", {"email": "New@Maison.example", "role": "viewer", "language": "fr"}
    )
    invited = Invitation.objects.get()
    assert (invited.email, invited.role, invited.language) == ("new@maison.example", "viewer", "fr")
    assert Mail.objects.get().language == "fr"
    assert "new@maison.example" in client.get(address).content.decode()


def test_a_member_is_not_invited_again(world: World) -> None:
    address = reverse("people_invite", args=[world.merchant.pk])
    answer = world.client("owner").post(
        address, {"email": "VIEWER@maison.example", "role": "owner", "language": "en"}
    )
    assert "belongs to the company already" in answer.content.decode()
    assert not Invitation.objects.exists()


def test_the_last_owner_stays_an_owner_and_stays(world: World) -> None:
    client, mine = world.client("owner"), Membership.objects.get(user=world.people["owner"])
    client.post(
        reverse("people_role", args=[world.merchant.pk, mine.pk]),
        {f"member-{mine.pk}-role": "viewer"},
    )
    answer = client.post(reverse("people_remove", args=[world.merchant.pk, mine.pk]), follow=True)
    assert "A company needs an owner" in answer.content.decode()
    mine.refresh_from_db()
    assert mine.role == "owner"
    assert "role_changed" not in kinds(world.merchant)


def test_the_last_owner_is_offered_nothing_that_would_be_refused(world: World) -> None:
    address = reverse("people", args=[world.merchant.pk])
    mine = Membership.objects.get(user=world.people["owner"])
    other = Membership.objects.get(user=world.people["viewer"])
    kept = {
        membership: [
            reverse(name, args=[world.merchant.pk, membership.pk])
            for name in ("people_role", "people_remove")
        ]
        for membership in (mine, other)
    }

    def offered(membership: Membership) -> list[bool]:
        page = world.client("owner").get(address).content.decode()
        return [f'action="{url}"' in page for url in kept[membership]]

    assert [offered(mine), offered(other)] == [[False, False], [True, True]]
    said = world.client("owner").get(address).content.decode()
    assert "You are the only owner, and a company needs one." in said
    services.change_role(other, Membership.Role.OWNER, by=world.people["owner"])
    assert [offered(mine), offered(other)] == [[True, True], [True, True]]
    assert "only owner" not in world.client("owner").get(address).content.decode()


def test_with_a_second_owner_the_first_one_may_go(world: World) -> None:
    client, mine = world.client("owner"), Membership.objects.get(user=world.people["owner"])
    other = Membership.objects.get(user=world.people["viewer"])
    address = reverse("people_role", args=[world.merchant.pk, other.pk])
    client.post(address, {f"member-{other.pk}-role": "owner"})
    client.post(reverse("people_remove", args=[world.merchant.pk, mine.pk]))
    assert not Membership.objects.filter(pk=mine.pk).exists()
    assert client.get(f"/shops/{world.shop.slug}/").status_code == 404
    event = Event.objects.get(kind="role_changed")
    assert event.data == {"email": "viewer@maison.example", "before": "viewer", "after": "owner"}
    assert kinds(world.merchant)[-1] == "member_removed"


def test_a_member_of_another_company_is_not_reached_through_ones_own(world: World) -> None:
    theirs = Membership.objects.get(user=world.people["stranger"])
    for action, data in (("role", {f"member-{theirs.pk}-role": "viewer"}), ("remove", {})):
        address = reverse(f"people_{action}", args=[world.merchant.pk, theirs.pk])
        assert world.client("owner").post(address, data).status_code == 404
    theirs.refresh_from_db()
    assert theirs.role == "owner"


# --- several companies ---


def test_a_person_in_two_companies_switches_and_is_remembered(world: World) -> None:
    owner, atelier = world.people["owner"], Merchant.objects.get(name="Atelier")
    services.create_shop(atelier, "Vienna", by=None)
    Membership.objects.create(user=owner, merchant=atelier, role="viewer")
    client = world.client("owner")
    assert ["Paris" in (page := client.get("/").content.decode()), "Vienna" in page] == [True, True]
    answer = client.post(
        "/companies/choose", {"company": atelier.pk, "next": "https://evil.example"}
    )
    assert answer.headers["Location"] == "/"
    later = world.client("owner").get("/").content.decode()
    assert ["/shops/maison-paris/" in later, "Vienna" in later] == [False, True]
    client.post("/companies/choose", {"company": ""})
    assert "Paris" in client.get("/").content.decode()


def test_a_company_one_does_not_belong_to_cannot_be_chosen(world: World) -> None:
    atelier = Merchant.objects.get(name="Atelier")
    answer = world.client("owner").post("/companies/choose", {"company": atelier.pk})
    assert answer.status_code == 404
    world.people["owner"].refresh_from_db()
    assert world.people["owner"].company is None


# --- Kleep's staff ---


def test_a_manager_adds_a_company_and_invites_its_owner_in_one_form(world: World) -> None:
    data = {
        "name": "Galerie",
        "shop": "Galerie Online",
        "email": "boss@galerie.example",
        "owner": "Mme Blanc",
        "language": "fr",
    }
    answer = world.client("manager").post("/console/companies/new", data)
    merchant = Merchant.objects.get(name="Galerie")
    assert answer.headers["Location"] == reverse("people", args=[merchant.pk])
    invited = Invitation.objects.get(merchant=merchant)
    assert (invited.email, invited.role, invited.name) == (
        "boss@galerie.example",
        "owner",
        "Mme Blanc",
    )
    assert merchant.shops.get().name == "Galerie Online"
    sent = Mail.objects.get()
    delivery.deliver(sent)
    assert mail.outbox[0].subject == "Galerie et Kleep : votre invitation"
    client = opened(invited)
    client.post("/invitation", {**NEW, "name": "Mme Blanc"})
    assert client.get("/shops/galerie-galerie-online/").status_code == 200


def test_a_company_whose_name_is_taken_is_not_added(world: World) -> None:
    data = {"name": "MAISON", "email": "x@x.example", "language": "en"}
    answer = world.client("manager").post("/console/companies/new", data)
    assert "There is a company with this name already." in answer.content.decode()
    assert not Mail.objects.exists()
