"""The second factor: Kleep's staff reach nothing without one; merchants may have one; it is kept sealed."""

import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from cryptography.fernet import Fernet
from django.core import mail
from django.test import Client

from connectors import rotation
from onboarding import services
from onboarding.models import User
from tests.onboarding.conftest import PASSWORD, SECOND_FACTOR, World
from tests.portal import totp

LOGIN, CODE = "/accounts/login/", "/accounts/2fa/authenticate/"
SET_UP = "/accounts/2fa/"


@pytest.fixture
def newcomer(world: World) -> Client:
    """Somebody new of Kleep's staff, logged in with a password alone."""
    User.objects.create_superuser("new@kleep.example", PASSWORD)
    return logged_in("new@kleep.example")


def logged_in(email: str) -> Client:
    client = Client()
    client.post(LOGIN, {"login": email, "password": PASSWORD})
    return client


@pytest.mark.parametrize(
    "path",
    ["/", "/shops/maison-paris/", "/console/companies/new", "/admin/", "/accounts/sessions/"],
)
def test_staff_without_a_second_factor_are_led_to_set_one_up(newcomer: Client, path: str) -> None:
    for answer in (newcomer.get(path), newcomer.post(path)):
        assert (answer.status_code, answer.headers["Location"]) == (302, SET_UP)
    part = newcomer.get(path, headers={"HX-Request": "true"})
    assert part.headers["HX-Redirect"] == SET_UP
    assert "Set one up to go on" in newcomer.get(path, follow=True).content.decode()


@pytest.mark.django_db(transaction=True)
def test_staff_set_up_an_app_and_go_on(newcomer: Client) -> None:
    answer = newcomer.get("/accounts/2fa/totp/activate/", follow=True)
    answer = newcomer.post(answer.redirect_chain[-1][0], {"password": PASSWORD}, follow=True)
    secret = re.search(r'value="([A-Z2-7]{32})"', answer.content.decode())
    assert secret
    answer = newcomer.post("/accounts/2fa/totp/activate/", {"code": totp(secret[1])})
    assert answer.headers["Location"] == "/accounts/2fa/recovery-codes/"
    assert "Unused codes" in newcomer.get(answer.headers["Location"]).content.decode()
    assert newcomer.get("/").status_code == 200
    kept = Authenticator.objects.get(user__email="new@kleep.example", type="totp")
    assert secret[1] not in str(kept.data)
    notice = mail.outbox[-1]
    assert notice.to == ["new@kleep.example"]


def test_who_has_a_second_factor_does_not_get_in_by_the_password(world: World) -> None:
    client = logged_in("manager@kleep.example")
    assert client.get("/").headers["Location"] == "/accounts/login/?next=/"
    assert client.post(CODE, {"code": "000000"}).status_code == 200
    assert client.get("/").status_code == 302
    code = totp(SECOND_FACTOR)
    assert client.post(CODE, {"code": code}).headers["Location"] == "/"
    assert client.get("/").status_code == 200
    again = logged_in("manager@kleep.example")
    assert again.post(CODE, {"code": code}).status_code == 200  # a code is taken once
    assert again.get("/").status_code == 302


def test_codes_are_not_guessed(world: World) -> None:
    client = logged_in("manager@kleep.example")
    shown = [client.post(CODE, {"code": f"{n:06}"}).content.decode() for n in range(8)]
    assert "Too many failed attempts. Wait five minutes" in shown[-1]
    assert client.post(CODE, {"code": totp(SECOND_FACTOR)}).status_code == 200
    assert client.get("/").status_code == 302


def test_a_merchant_who_becomes_staff_must_set_one_up(world: World) -> None:
    client = world.client("owner")
    assert client.get("/").status_code == 200
    User.objects.filter(pk=world.people["owner"].pk).update(is_staff=True)
    assert client.get("/").headers["Location"] == SET_UP


def test_merchants_are_offered_one_and_get_in_without(world: World) -> None:
    client = logged_in("owner@maison.example")
    assert client.get("/").status_code == 200
    page = client.get(SET_UP).content.decode()
    assert "Add a passkey" in page
    assert "Set one up to go on" not in page


def test_a_recovery_code_opens_once(world: World) -> None:
    code = RecoveryCodes.activate(world.people["manager"]).get_unused_codes()[0]
    first, second = logged_in("manager@kleep.example"), logged_in("manager@kleep.example")
    first.post(CODE, {"code": code})
    second.post(CODE, {"code": code})
    assert [first.get("/").status_code, second.get("/").status_code] == [200, 302]


def test_a_code_by_mail_logs_in_and_is_no_way_around_the_second_factor(world: World) -> None:
    for who, email in (("owner", "owner@maison.example"), ("manager", "manager@kleep.example")):
        client = Client()
        client.post("/accounts/login/code/", {"email": email})
        message = mail.outbox[-1]
        assert (message.subject, message.to) == ("Your code for Kleep", [email])
        code = re.search(r"^[A-Z0-9-]{6,}$", str(message.body), re.MULTILINE)
        assert code
        page = str(message.alternatives[0].content)  # type: ignore[attr-defined]
        assert code[0] in page
        client.post("/accounts/login/code/confirm/", {"code": code[0]})
        assert client.get("/").status_code == (200 if who == "owner" else 302)


def test_a_code_is_asked_for_alike_with_and_without_an_account(world: World) -> None:
    answers = []
    for email in ("owner@maison.example", "nobody@maison.example"):
        client = Client()
        answer = client.post("/accounts/login/code/", {"email": email})
        wrong = client.post("/accounts/login/code/confirm/", {"code": "AAAAAA"})
        shown = re.sub(r'value="[^"]{64}"|[a-z]+@maison.example', "", wrong.content.decode())
        answers.append((answer.status_code, answer.headers["Location"], wrong.status_code, shown))
    assert answers[0] == answers[1]
    assert mail.outbox[-1].subject == "No Kleep account for this address"


def test_other_browsers_are_listed_and_logged_out(world: World) -> None:
    here, there = logged_in("owner@maison.example"), logged_in("owner@maison.example")
    page = here.get("/accounts/sessions/").content.decode()
    assert page.count("since ") == 2
    assert page.count("This browser") == 1
    here.post("/accounts/sessions/")
    assert [here.get("/").status_code, there.get("/").status_code] == [200, 302]


def test_a_new_password_ends_the_other_sessions(world: World) -> None:
    here, there = logged_in("owner@maison.example"), logged_in("owner@maison.example")
    new = "another long password"
    here.post(
        "/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new}
    )
    assert there.get("/").status_code == 302


def test_a_log_in_does_not_lead_to_somebody_elses_site(world: World) -> None:
    given = {"login": "owner@maison.example", "password": PASSWORD}
    answer = Client().post(f"{LOGIN}?next=https://evil.example/", given)
    assert answer.headers["Location"] == "/"


def test_what_makes_the_codes_is_sealed(world: World) -> None:
    kept = Authenticator.objects.get(user=world.people["manager"])
    assert SECOND_FACTOR not in str(kept.data)
    assert TOTP(kept).validate_code(totp(SECOND_FACTOR))


def test_a_rotation_of_the_keys_takes_second_factors_and_storefronts_along(
    world: World, settings: Any
) -> None:
    settings.ENCRYPTION_KEYS = [old := settings.ENCRYPTION_KEYS[0]]
    codes = RecoveryCodes.activate(world.people["manager"]).get_unused_codes()
    services.save_storefront_access(
        world.shop, "preprod", username="shop", password="storefront", by=None
    )
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode(), old]
    done = rotation.rotate()
    assert (done.failed, done.current) == ([], 0)
    settings.ENCRYPTION_KEYS = settings.ENCRYPTION_KEYS[:1]
    kept = Authenticator.objects.get(user=world.people["manager"], type="totp")
    assert TOTP(kept).validate_code(totp(SECOND_FACTOR))
    assert RecoveryCodes.activate(world.people["manager"]).get_unused_codes() == codes
    opened = services.storefront_credentials(world.shop, "preprod")
    assert opened is not None
    assert dict(opened)["password"] == "storefront"
