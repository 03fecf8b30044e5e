"""The DEBUG error page shows where it broke, and no secret."""

import logging
import re
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from connectors.base import Settings
from kleep_portal import crypto
from tests.kleep_portal.test_logs import listening

OPENED = "opened-fr0m-the-database"
TYPED = "typed-by-the-merchant-just-n0w"
PASTED = "p4sted0in0a0block0of0text0x"
COOKIE = "c00kie-of-the-session"
HEADER = "Bearer h3ader-of-a-client"
EMBEDDED_IN = "in-an-exc3ption-text"


@csrf_exempt
def broken(request: HttpRequest) -> HttpResponse:
    """Holds secrets in every place that an error page shows."""
    secrets = crypto.Secrets({"token": OPENED, "other": EMBEDDED_IN})
    settings = Settings(config={}, secrets=secrets, pseudonym=str)
    unwrapped = dict(secrets)
    long_text = "x " * 2_040 + OPENED + " x" * 400
    typed = request.POST.get("consumer_key", "")
    parts = request.POST.get("block", "").split()
    cookies, headers = request.COOKIES, request.headers
    raise ValueError(
        f"no answer for {EMBEDDED_IN} {typed} {parts}",
        settings, unwrapped, long_text, cookies, headers,
    )  # fmt: skip


urlpatterns = [path("broken/", broken)]

# The session that the cookie names is looked for before the page is.
pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db]


@pytest.fixture
def client(settings: Any) -> Client:
    settings.DEBUG = True
    client = Client(raise_request_exception=False)
    client.cookies["sessionid"] = COOKIE
    client.cookies["other"] = COOKIE
    return client


def post(client: Client, **headers: str) -> str:
    answer = client.post(
        "/broken/",
        {"consumer_key": TYPED, "block": f"Token: {PASTED}\nkind: x"},
        HTTP_AUTHORIZATION=HEADER,
        **headers,
    )
    assert answer.status_code == 500
    return answer.content.decode()


@pytest.mark.parametrize("accept", ["text/html", "text/plain"])
def test_no_planted_secret_is_on_the_page(client: Client, accept: str, settings: Any) -> None:
    page = post(client, HTTP_ACCEPT=accept)
    assert "ValueError" in page
    assert "broken" in page
    own = (settings.SECRET_KEY, settings.PSEUDONYM_KEY, *settings.ENCRYPTION_KEYS)
    for secret in (OPENED, TYPED, PASTED, COOKIE, HEADER.split()[1], EMBEDDED_IN, *own):
        assert secret not in page
        assert secret[:12] not in page


def test_the_page_still_helps(client: Client) -> None:
    page = post(client, HTTP_ACCEPT="text/html")
    text = re.sub(r"<[^>]+>", "", page)
    assert "no answer for [secret]" in text
    assert "test_errorpage.py" in text
    assert "consumer_key" in text
    assert "long_text" in text


def test_settings_with_passwords_in_urls_are_hidden(
    client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CELERY_BROKER_URL = "redis://:br0ker-w0rd@redis.example/0"
    monkeypatch.setitem(settings.CACHES["default"], "LOCATION", "redis://:c4che-w0rd@r.example")
    monkeypatch.setitem(settings.DATABASES["default"], "PASSWORD", "d4tabase-w0rd")
    page = post(client, HTTP_ACCEPT="text/html", DATABASE_URL="postgres://u:env-w0rd@db.example/p")
    for secret in ("br0ker-w0rd", "c4che-w0rd", "d4tabase-w0rd", "env-w0rd"):
        assert secret not in page


def test_the_log_line_of_the_failure_hides_what_was_typed_too(client: Client) -> None:
    with listening(logging.getLogger("django.request"), pretty=False) as lines:
        post(client)
    assert "no answer for [secret]" in lines.getvalue()
    for secret in (OPENED, TYPED, PASTED, COOKIE, HEADER.split()[1], EMBEDDED_IN):
        assert secret[:12] not in lines.getvalue()


def test_without_debug_there_is_no_such_page(client: Client, settings: Any) -> None:
    settings.DEBUG = False
    page = post(client)
    assert "ValueError" not in page
    assert "Traceback" not in page
