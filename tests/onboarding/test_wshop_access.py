"""The access page of a shop that runs on WSHOP: its own fields, its own guide, tried before kept."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse

from connectors import connections
from connectors.sandbox.server import serve
from connectors.sandbox.wshop.shop import WshopSandbox
from onboarding import services
from tests.onboarding.conftest import World


@pytest.fixture
def sandbox() -> WshopSandbox:
    return WshopSandbox()


@pytest.fixture
def url(sandbox: WshopSandbox) -> Iterator[str]:
    with serve(sandbox) as address:
        yield address.url


@pytest.fixture
def client(world: World, sandbox: WshopSandbox, url: str) -> Client:
    """The owner, with a second shop that is connected to the simulated WSHOP."""
    shop = services.create_shop(world.merchant, "Ondine", by=None)
    user = sandbox.users[0]
    secrets = {"username": user.email, "password": user.password}
    services.save_credentials(
        shop, platform="wshop", config={"url": url}, secrets=secrets, by=None, prove=True
    )
    return world.client("owner")


SLUG = "maison-ondine"


def test_the_page_asks_for_what_wshop_needs_and_shows_no_secret(
    client: Client, sandbox: WshopSandbox, url: str
) -> None:
    page = client.get(reverse("access", args=[SLUG])).content.decode()
    for label in ("API URL", "User", "Password", "Language of the catalogue"):
        assert f">{label}" in page
    assert f'value="{url}"' in page
    for endpoint in ("products/get", "returns/getreasons", "departments/get"):
        assert f"<code>/{endpoint}</code>" in page
    assert "Consumer Key" not in page
    assert sandbox.users[0].password not in page
    assert sandbox.users[0].email not in page


def test_a_wrong_password_is_told_and_the_good_one_stays(
    client: Client, world: World, sandbox: WshopSandbox, url: str
) -> None:
    user = sandbox.users[0]
    typed = {
        "url": f"{url}/api/v1/",
        "username": user.email,
        "password": "mistyped",
        "language": "fr",
    }
    page = client.post(reverse("access", args=[SLUG]), typed).content.decode()
    assert "WSHOP does not accept this user and password." in page
    assert "mistyped" not in page
    assert user.wrong_attempts == 1
    connection = world.merchant.shops.get(slug=SLUG).connection
    assert connection is not None
    with connections.open_connector(connection) as connector:
        connector.prove()


def test_a_new_password_is_tried_and_kept_with_the_user_left_blank(
    client: Client, world: World, sandbox: WshopSandbox, url: str
) -> None:
    user = sandbox.users[0]
    user.password = "a new password"
    typed = {"url": url, "username": "", "password": user.password, "language": "en"}
    assert client.post(reverse("access", args=[SLUG]), typed).status_code == 302
    connection = world.merchant.shops.get(slug=SLUG).connection
    assert connection is not None
    assert connection.config == {"url": url, "language": "en"}
    with connections.open_connector(connection) as connector:
        connector.prove()
