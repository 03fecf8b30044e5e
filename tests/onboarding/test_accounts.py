"""Log-in, log-out and the way back in: in the look of the portal, both languages, no hints to strangers."""

import html
import re

import pytest
from django.core import mail
from django.test import Client

from onboarding.models import User
from tests.onboarding.conftest import PASSWORD, World

LOGIN = "/accounts/login/"
RESET = "/accounts/password/reset/"


def log_in(client: Client, email: str, password: str = PASSWORD) -> str:
    answer = client.post(LOGIN, {"login": email, "password": password}, follow=True)
    return html.unescape(answer.content.decode())


def test_a_person_logs_in_by_e_mail_and_finds_the_shops(world: World) -> None:
    page = log_in(Client(), "OWNER@maison.example")
    assert "Your shops" in page
    assert "Successfully" not in page


def test_a_wrong_password_and_an_unknown_address_are_answered_alike(world: World) -> None:
    wrong = log_in(Client(), "owner@maison.example", "not my password")
    unknown = log_in(Client(), "nobody@maison.example", "not my password")
    sentence = "This e-mail address and this password do not belong together."
    assert sentence in wrong
    assert sentence in unknown
    assert "not my password" not in wrong


def test_guessing_is_slowed_down(world: World) -> None:
    for _attempt in range(10):
        log_in(Client(), "owner@maison.example", "a guess")
    assert "Too many failed attempts. Wait five minutes" in log_in(Client(), "owner@maison.example")


def test_nobody_signs_up_by_themselves(db: None) -> None:
    Client().post(
        "/accounts/signup/",
        {"email": "new@shop.example", "password1": PASSWORD, "password2": PASSWORD},
    )
    assert not User.objects.exists()


def test_logging_out_needs_a_click_and_ends_the_session(world: World) -> None:
    client = world.client("owner")
    assert "Stay logged in" in client.get("/accounts/logout/").content.decode()
    assert client.get("/").status_code == 200
    client.post("/accounts/logout/")
    assert client.get("/").status_code == 302


@pytest.mark.parametrize(
    ("language", "subject", "words"),
    [
        ("en", "Choose a new password for Kleep", "It works once."),
        ("fr", "Choisissez un nouveau mot de passe pour Kleep", "Elle fonctionne une seule fois."),
    ],
)
def test_a_forgotten_password_is_chosen_anew_by_a_link_that_works_once(
    world: World, language: str, subject: str, words: str
) -> None:
    client = Client(headers={"Accept-Language": language})
    client.post(RESET, {"email": "owner@maison.example"})
    message = mail.outbox[0]
    assert isinstance(message, mail.EmailMultiAlternatives)
    assert (message.subject, message.to) == (subject, ["owner@maison.example"])
    page = str(message.alternatives[0].content)
    assert words in message.body
    assert words in html.unescape(page)
    link = re.search(r"http://\S+/accounts/password/reset/key/\S+", message.body)
    assert link
    assert link[0] in page

    new = "another long password"
    form = client.get(link[0], follow=True)
    address = form.redirect_chain[-1][0]
    client.post(address, {"password1": new, "password2": new})
    assert "main" in log_in(Client(), "owner@maison.example", new)
    world.people["owner"].refresh_from_db()
    assert world.people["owner"].check_password(new)
    assert "password1" not in Client().get(link[0], follow=True).content.decode()


def test_an_address_without_an_account_is_not_told_to_whoever_asks(world: World) -> None:
    known = Client().post(RESET, {"email": "owner@maison.example"}, follow=True)
    unknown = Client().post(RESET, {"email": "nobody@maison.example"}, follow=True)
    strip = re.compile(rb'value="[^"]{64}"')
    assert strip.sub(b"", known.content) == strip.sub(b"", unknown.content)
    assert mail.outbox[1].subject == "No Kleep account for this address"
    assert "There is no account with this address." in mail.outbox[1].body


def test_a_new_password_logs_out_everywhere_else_and_says_so(world: World) -> None:
    here, there = Client(), Client()
    for client in (here, there):
        log_in(client, "owner@maison.example")
    page = here.get("/accounts/password/change/").content.decode()
    assert "everywhere else you are logged out" in page
    assert "placeholder" not in page
    new = "a longer one than before"
    given = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert here.post("/accounts/password/change/", given).status_code == 302
    assert here.get("/").status_code == 200
    assert there.get("/").url.startswith("/accounts/login/")  # type: ignore[attr-defined]  # a redirect


@pytest.mark.parametrize(
    "path", ["/accounts/2fa/", "/accounts/password/change/", "/accounts/reauthenticate/"]
)
def test_the_pages_of_the_account_wear_the_look_of_the_portal(world: World, path: str) -> None:
    client = Client()
    log_in(client, "owner@maison.example")
    page = client.get(path).content.decode()
    assert 'class="topbar"' in page
    assert "panel" in page
    assert "<style" not in page


def test_a_second_factor_can_be_added_once_the_password_was_given_again(world: World) -> None:
    client = Client()
    log_in(client, "owner@maison.example")
    page = client.get("/accounts/2fa/totp/activate/", follow=True)
    assert "Confirm Access" in page.content.decode()
    answer = client.post(page.redirect_chain[-1][0], {"password": PASSWORD}, follow=True)
    shown = answer.content.decode()
    assert "data:image/svg+xml;base64," in shown
    assert 'name="code"' in shown
