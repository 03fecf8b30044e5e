"""The demo is complete after one command, and a second one leaves alone what a person has changed."""

import json
import stat
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from connectors.magento.forms import MagentoForm
from connectors.models import Connection
from connectors.sandbox.demo import demo_shops, write_documents, write_storefront
from connectors.sandbox.server import serve
from onboarding.models import Event, Membership, Merchant, Shop, User
from tests.commands import run
from tests.portal import totp

pytestmark = pytest.mark.django_db


@pytest.fixture
def var(tmp_path: Path, settings: Any) -> Iterator[Path]:
    """A data folder beside which the sandbox runs."""
    settings.VAR, settings.DEBUG = tmp_path, True
    with ExitStack() as stack:
        for one in demo_shops(tmp_path / "sandbox", orders=5):
            address = stack.enter_context(serve(one.shop))
            list(write_documents(one, address.url, tmp_path / "sandbox"))
        write_storefront(tmp_path / "sandbox", "http://127.0.0.1:8046")
        yield tmp_path


def _accounts(var: Path) -> dict[str, dict[str, str]]:
    return json.loads((var / "demo.json").read_text(encoding="utf-8"))


def test_one_command_makes_the_demo(var: Path) -> None:
    result = run("seed_demo")
    assert (result.code, result.err) == (0, "")
    assert Merchant.objects.get().name == "Maison Démo"
    found = Shop.objects.select_related("connection").order_by("name")
    shops = {shop.name: shop.connection for shop in found}
    assert list(shops) == ["Boutique Lumen", "Galerie Brume"]
    assert shops["Boutique Lumen"] is not None
    assert shops["Galerie Brume"] is None
    assert run("check_connection", "maison-demo-boutique-lumen").code == 0
    accounts = _accounts(var)
    assert {who: account["email"] for who, account in accounts.items()} == {
        "merchant": "merchant@demo.example",
        "staff": "staff@demo.example",
    }
    assert stat.S_IMODE((var / "demo.json").stat().st_mode) == 0o600
    assert all(account["password"] not in result.out for account in accounts.values())


@pytest.mark.parametrize(("who", "is_staff"), [("merchant", False), ("staff", True)])
def test_both_people_can_log_in(who: str, is_staff: bool, var: Path) -> None:
    run("seed_demo")
    account = _accounts(var)[who]
    given = {"login": account["email"], "password": account["password"]}
    client = Client()
    assert client.post("/accounts/login/", given).status_code == 302
    if is_staff:
        assert client.get("/").status_code == 302  # the password alone opens nothing
        code = run("demo_code").out.strip()
        assert code == totp(account["totp"])
        client.post("/accounts/2fa/authenticate/", {"code": code})
    page = client.get("/")
    assert page.status_code == 200
    assert "Boutique Lumen" in page.content.decode()
    assert client.get("/admin/").status_code == (200 if is_staff else 302)
    membership = Membership.objects.get()
    assert (membership.user.email, membership.role) == ("merchant@demo.example", "owner")


def test_what_the_waiting_shop_takes_can_be_pasted_as_it_is(var: Path) -> None:
    result = run("seed_demo")
    file = var / "sandbox" / "connect-commerce-read.json"
    assert str(file) in result.out
    form = MagentoForm({"paste": file.read_text(encoding="utf-8")})
    assert form.is_valid(), form.errors
    config = json.loads(file.read_text(encoding="utf-8"))["config"]
    assert form.to_config()["url"] == config["url"]
    assert form.to_secrets()["access_token_secret"] == config["accessTokenSecret"]


def test_a_second_time_nothing_changes(var: Path) -> None:
    run("seed_demo")
    connection = Connection.objects.get()
    Connection.objects.update(config={**connection.config, "attributes": {"size": ["taille"]}})
    before = (list(User.objects.values()), list(Connection.objects.values()), _accounts(var))
    events = Event.objects.count()
    assert run("seed_demo").code == 0
    assert (
        list(User.objects.values()),
        list(Connection.objects.values()),
        _accounts(var),
    ) == before
    assert (Event.objects.count(), Shop.objects.count()) == (events, 2)


def test_lost_log_ins_are_made_anew(var: Path) -> None:
    run("seed_demo")
    old = _accounts(var)
    (var / "demo.json").unlink()
    run("seed_demo")
    new = _accounts(var)
    assert new["staff"]["password"] != old["staff"]["password"]
    assert User.objects.get(email="staff@demo.example").check_password(new["staff"]["password"])
    assert User.objects.count() == 2


def test_without_the_sandbox_it_says_what_to_start(tmp_path: Path, settings: Any) -> None:
    settings.VAR, settings.DEBUG = tmp_path, True
    result = run("seed_demo")
    assert (result.code, result.out) == (1, "")
    assert result.err.endswith("is missing: start `manage.py sandbox` first.\n")


def test_it_refuses_where_debug_is_off(var: Path, settings: Any) -> None:
    settings.DEBUG = False
    result = run("seed_demo")
    assert (result.code, result.out) == (1, "")
    assert result.err == "The demo's accounts have no place where DEBUG is off.\n"
    assert User.objects.count() == 0
    assert not (var / "demo.json").exists()
