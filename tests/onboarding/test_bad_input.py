"""Whatever is typed into the credentials form: a clear sentence, nothing stored, and no secret comes back."""

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest
from django.test import Client
from django.urls import reverse

from connectors.models import Check, Connection
from connectors.sandbox.exchange import Request, Response
from connectors.sandbox.server import serve
from onboarding.models import Event, Shop
from tests.onboarding.conftest import SECRETS

MEGABYTE = "x" * 1_000_000


@dataclass
class OneAnswer:
    """A server that gives every request the same answer."""

    response: Response

    def answer(self, request: Request) -> Response:
        return self.response


LOGIN_WALL = OneAnswer(
    Response(
        status=200,
        body=b"<html><head><title>Please log in</title></head><form action=/login>"
        b"<input type=password name=password></form></html>",
        headers=(("Content-Type", "text/html; charset=utf-8"),),
    )
)


def submit(client: Client, shop: Shop, **fields: str) -> str:
    """Send the form and give the page back as people read it."""
    given = {"url": "https://shop.invalid", **SECRETS, **fields}
    answer = client.post(reverse("access", args=[shop.slug]), given)
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def errors_of(page: str) -> str:
    """The summary on top of the page, as plain words."""
    start = page.index('class="note note-bad error-summary"')
    summary = page[start : page.index("two-columns")]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", summary))


@pytest.fixture(autouse=True)
def nothing_is_stored(shop: Shop) -> Iterator[None]:
    before = (Connection.objects.count(), Check.objects.count(), Event.objects.count())
    yield
    assert (Connection.objects.count(), Check.objects.count(), Event.objects.count()) == before
    shop.refresh_from_db()
    assert shop.connection is None


def assert_no_secret(page: str, secrets: Mapping[str, str] = SECRETS) -> None:
    assert [name for name, value in secrets.items() if value in page] == []


def typed_address(page: str) -> str:
    found = re.search(r'<textarea name="url"[^>]*>(.*?)</textarea>', page, re.DOTALL)
    assert found
    return found[1].strip()


def test_a_wrong_address(client: Client, shop: Shop) -> None:
    page = submit(client, shop, url="https://no-such-shop.invalid")
    assert "No server is known under the name no-such-shop.invalid" in errors_of(page)
    assert typed_address(page) == "https://no-such-shop.invalid"
    assert_no_secret(page)


def test_an_address_without_encryption(client: Client, shop: Shop) -> None:
    page = submit(client, shop, url="http://www.shop.example")
    assert "must begin with https://" in errors_of(page)
    assert typed_address(page) == "http://www.shop.example"
    assert_no_secret(page)


def test_a_log_in_page_where_the_shop_should_be(client: Client, shop: Shop) -> None:
    with serve(LOGIN_WALL) as address:
        page = submit(client, shop, url=address.url)
        assert typed_address(page) == address.url
    assert "A log-in page answers instead of Magento's API" in errors_of(page)
    assert "Please log in" in errors_of(page)
    assert_no_secret(page)


def test_the_same_value_in_two_fields(client: Client, shop: Shop) -> None:
    page = submit(client, shop, access_token=SECRETS["consumer_key"])
    assert "same value as the Consumer Key" in errors_of(page)
    assert_no_secret(page)


def test_an_address_in_the_field_of_a_secret(client: Client, shop: Shop) -> None:
    page = submit(client, shop, consumer_key="https://www.shop.example/rest/V1")
    assert "This is an address, not the Consumer Key." in errors_of(page)
    assert_no_secret(page)


@pytest.mark.parametrize(
    "spelling", ["https://ann:hunter22@shop.example", "ann:hunter22@shop.example"]
)
def test_a_password_in_the_address_does_not_come_back(
    client: Client, shop: Shop, spelling: str
) -> None:
    page = submit(client, shop, url=spelling)
    assert errors_of(page)
    assert "hunter22" not in page
    assert typed_address(page).endswith("shop.example")
    assert_no_secret(page)


def test_nothing_at_all(client: Client, shop: Shop) -> None:
    page = submit(client, shop, **dict.fromkeys(("url", *SECRETS), ""))
    assert "Enter the address of your shop" in errors_of(page)
    assert errors_of(page).count("This value is missing.") == 4


def test_only_blanks(client: Client, shop: Shop) -> None:
    page = submit(client, shop, **dict.fromkeys(("url", *SECRETS), "  \t "))
    assert "Enter the address of your shop" in errors_of(page)
    assert errors_of(page).count("This value is missing.") == 4


@pytest.mark.parametrize("field", ["url", "paste", *SECRETS])
def test_a_megabyte_of_text(client: Client, shop: Shop, field: str) -> None:
    page = submit(client, shop, **{field: MEGABYTE})
    assert errors_of(page)
    # The page may show an address again, never a megabyte in the place of a secret.
    assert (MEGABYTE in page) == (field == "url")
    assert_no_secret(page)


def test_more_than_the_portal_takes_at_all(client: Client, shop: Shop) -> None:
    address = reverse("access", args=[shop.slug])
    assert client.post(address, {"paste": MEGABYTE * 3}).status_code == 400


def test_a_text_without_credentials(client: Client, shop: Shop) -> None:
    page = submit(client, shop, **dict.fromkeys(SECRETS, ""), paste="Hello, here they are!")
    assert "We recognise no credentials in this text" in errors_of(page)


def test_what_was_pasted_is_sorted_but_its_secrets_do_not_come_back(
    client: Client, shop: Shop
) -> None:
    pasted = "\n".join(
        [
            "url: https://no-such-shop.invalid",
            f"Consumer Key: {SECRETS['consumer_key']}",
            f"Consumer Secret: {SECRETS['consumer_secret']}",
            f"Access Token: {SECRETS['access_token']}",
            f"Access Token Secret: {SECRETS['access_token_secret']}",
        ]
    )
    page = submit(client, shop, url="", **dict.fromkeys(SECRETS, ""), paste=pasted)
    assert "No server is known under the name no-such-shop.invalid" in errors_of(page)
    assert typed_address(page) == "https://no-such-shop.invalid"
    assert_no_secret(page)


def test_hints_name_mistakes_while_typing_and_repeat_nothing(client: Client, shop: Shop) -> None:
    address = reverse("access_hints", args=[shop.slug])
    given = {"url": "http://www.shop.example", "consumer_key": "too-short-for-a-key"}
    hints = html.unescape(client.post(address, given).content.decode())
    assert "must begin with https://" in hints
    assert "has 19 characters; Magento's have 32" in hints
    assert "This value is missing" not in hints
    assert "too-short-for-a-key" not in hints
