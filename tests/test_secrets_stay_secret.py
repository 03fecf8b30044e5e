"""Secrets are planted, the whole journey is made with them, and then they are looked for everywhere."""

import json
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.apps import apps
from django.contrib import admin
from django.core.management import CommandError, call_command
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path, reverse
from django.utils import timezone

from connectors import connections, errors, tasks
from connectors.models import Check, Connection, Cursor
from connectors.sandbox.magento.shop import SandboxShop
from connectors.sandbox.server import serve
from connectors.sandbox.wshop.shop import User as WshopUser
from connectors.sandbox.wshop.shop import WshopSandbox
from kleep_portal import redaction
from onboarding import services
from onboarding.models import Event, Membership, Merchant, Shop, User
from tests.onboarding.conftest import SECOND_FACTOR
from tests.planted import (
    Planted,
    admin_pages,
    broker_dump,
    database_dump,
    database_files,
    database_url,
    everything_logged,
    forget_all_tasks,
)
from tests.processes import running, wait_until

BACKEND = "django.contrib.auth.backends.ModelBackend"

pytestmark = [pytest.mark.broker, pytest.mark.django_db(transaction=True)]
# What a page, a command or an exception says of a secret does not depend on where that was stored.
once = pytest.mark.once


def broken(request: HttpRequest) -> HttpResponse:
    """A view that fails with everything opened, in the middle of a call to the shop."""
    connection = Connection.objects.get()
    with connections.open_connector(connection) as connector:
        values = dict(connector.settings.secrets)
        connector.prove()
        raise RuntimeError(f"failed with {values} for {connector} {request.POST}")


urlpatterns = [path("broken/", broken), path("", include("kleep_portal.urls"))]


@dataclass
class Journey:
    """A shop connected, checked and pulled by the commands, and all that they said."""

    platform: str
    planted: Planted
    slug: str
    said: StringIO
    logged: StringIO
    wrong: dict[str, str] = field(default_factory=dict)

    @property
    def shop(self) -> Shop:
        return Shop.objects.get(slug=self.slug)

    @property
    def connection(self) -> Connection:
        assert self.shop.connection is not None
        return self.shop.connection


@pytest.fixture(params=["magento", "wshop"])
def journey(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Journey]:
    with ExitStack() as stack:
        logged = stack.enter_context(everything_logged())
        config, secrets = _magento(stack) if request.param == "magento" else _wshop(stack)
        said = StringIO()
        document = tmp_path / "connect.json"
        document.write_text(
            json.dumps(
                {"merchant": "Maison", "shop": "Paris", "platform": request.param, "config": config}
            )
        )
        slug = _run(said, "connect", str(document)).strip()
        document.unlink()
        _run(said, "check_connection", slug)
        _run(said, "check_connection", slug, "--json")
        _run(said, "pull", slug, "--json")
        _run(said, "export", slug, "--out", str(tmp_path / "out"), "--json")
        _run(said, "rotate_keys", "--json")
        yield Journey(request.param, Planted(secrets), slug, said, logged)


def _magento(stack: ExitStack) -> tuple[dict[str, Any], dict[str, str]]:
    shop = SandboxShop(seed=11, orders=20)
    address = stack.enter_context(serve(shop))
    allowed = shop.integrations["full"]
    secrets = {
        "consumerKey": allowed.consumer_key,
        "consumerSecret": allowed.consumer_secret,
        "accessToken": allowed.access_token,
        "accessTokenSecret": allowed.access_token_secret,
    }
    return {"url": address.url, "type": "V1", **secrets}, secrets


def _wshop(stack: ExitStack) -> tuple[dict[str, Any], dict[str, str]]:
    user = WshopUser("kleep-reader@maison-demo.example", 'pl4nted/w0rd+"of the <shop>"')
    address = stack.enter_context(serve(WshopSandbox(users=[user])))
    config = {"url": address.url, "username": user.email, "password": user.password}
    return config, {"password": user.password}


def _run(said: StringIO, *command: str) -> str:
    """A command, with what it says on stdout; whether it was content is not asked here."""
    out, err = StringIO(), StringIO()
    try:
        call_command(*command, stdout=out, stderr=err)
    except (CommandError, SystemExit) as error:
        said.write(str(error))
    said.write(out.getvalue() + err.getvalue())
    return out.getvalue()


@pytest.fixture
def member(journey: Journey) -> Client:
    user = User.objects.create_user("owner@maison.example", "correct horse battery")
    Membership.objects.create(user=user, merchant=Merchant.objects.get(), role="owner")
    client = Client(raise_request_exception=False)
    client.force_login(user, backend=BACKEND)
    return client


@pytest.fixture
def staff(journey: Journey) -> Client:
    user = User.objects.create_superuser("support@kleep.example", "correct horse battery")
    TOTP.activate(user, SECOND_FACTOR)
    client = Client(raise_request_exception=False)
    client.force_login(user, backend=BACKEND)
    return client


# --- the search itself ---


def test_the_search_finds_what_is_there_in_every_spelling() -> None:
    planted = Planted({"token": "abcdefghijklmnopqrstuvwx0123"})
    for leak in (
        "x abcdefghijklmnopqrstuvwx0123 y",
        "cut abcdefghijkl",
        "tail qrstuvwx0123",
        "3210xwvutsrqponmlkjihgfedcba",
        "Basic dXNlcjphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3gwMTIz",
        "6162636465666768696a6b6c6d6e6f707172737475767778",
    ):
        assert planted.found_in(leak) == {"token"}
    assert planted.found_in("nothing of it") == set()


def test_the_search_reaches_database_broker_and_logs() -> None:
    planted = Planted({"token": "a-leak-that-nobody-remembers"})
    merchant = Merchant.objects.create(name=planted.secrets["token"])
    with everything_logged() as logged:
        tasks.pull_connection.delay(planted.secrets["token"])
        Event.objects.create(merchant=merchant, kind="x", at=timezone.now())
        logging.getLogger("connectors").debug("seen %s", planted.secrets["token"])
    assert planted.found_in(database_dump()) == {"token"}
    assert planted.found_in(broker_dump()) == {"token"}
    assert planted.found_in(logged.getvalue()) == {"token"}
    for file in database_files():
        if file.name.endswith(("sqlite3", "wal")) and planted.found_in(file.read_bytes()):
            break
    else:
        assert not list(database_files())


# --- the search for what was planted ---


def test_the_journey_is_one(journey: Journey) -> None:
    """Or all that follows would prove nothing."""
    with connections.open_connector(journey.connection) as connector:
        opened = set(connector.settings.secrets.values())
    assert opened >= set(journey.planted.secrets.values())
    assert journey.connection.cursors.filter(runs__state="done").exists()
    assert '"status": "ready"' in journey.said.getvalue()
    assert "connectors.http" in journey.logged.getvalue()


@once
def test_no_command_says_a_secret(journey: Journey) -> None:
    assert journey.planted.found_in(journey.said.getvalue()) == set()


def test_no_log_line_at_debug_level_holds_a_secret(journey: Journey) -> None:
    assert journey.planted.found_in(journey.logged.getvalue()) == set()


def test_the_database_holds_no_secret_in_clear(journey: Journey) -> None:
    assert journey.connection.sealed
    assert journey.planted.found_in(database_dump()) == set()
    for file in database_files():
        assert journey.planted.found_in(file.read_bytes()) == set()


@once
def test_no_exported_file_holds_a_secret(journey: Journey, tmp_path: Path) -> None:
    assert journey.planted.found_in_folder(tmp_path / "out") == {}


def test_the_data_folder_holds_no_secret(journey: Journey, settings: Any) -> None:
    assert journey.planted.found_in_folder(settings.VAR) == {}


def test_no_message_in_the_broker_and_nothing_in_the_cache_holds_a_secret(
    journey: Journey, member: Client
) -> None:
    for page in ("check_start", "pull_start"):
        assert member.post(reverse(page, args=[journey.slug])).status_code == 302
    tasks.pull_resource.delay(Cursor.objects.first().pk)  # type: ignore[union-attr]
    name, value = next(
        iter(connections.open_connector(journey.connection).settings.secrets.items())
    )
    assert connections.is_stored_secret(journey.connection, name, value)
    dump = broker_dump()
    assert b"connectors.tasks.check_connection" in dump
    assert b"secret-guesses" in dump
    assert journey.planted.found_in(dump) == set()


def test_a_worker_process_at_debug_level_writes_no_secret(
    journey: Journey, settings: Any, tmp_path: Path
) -> None:
    forget_all_tasks()
    check = services.start_check(journey.shop, by=None)
    services.start_pull(journey.shop, by=None)
    command = [sys.executable, "-m", "celery", "-A", "kleep_portal", "worker", "-c", "1"]
    env = {
        **os.environ,
        "PORTAL_VAR": str(settings.VAR),
        "PORTAL_ENV": os.devnull,
        "DATABASE_URL": database_url(),
        "LOG_LEVEL": "DEBUG",
    }
    with running([*command, "-l", "DEBUG"], output=tmp_path / "worker.log", env=env) as worker:
        worker.wait_for("ready.", seconds=60)
        wait_until(lambda: _is_finished(check), seconds=60, what="the check's end")
        wait_until(
            lambda: "tasks.pull_resource" in worker.said(), seconds=60, what="a pull's beginning"
        )
        worker.stop(seconds=60)
        said = worker.said()
    assert "connectors.http" in said
    assert "task=connectors.tasks.check_connection task_id=" in said
    assert journey.planted.found_in(said) == set()
    assert journey.planted.found_in(broker_dump()) == set()


def _is_finished(check: Check) -> bool:
    check.refresh_from_db()
    return check.finished_at is not None


@once
def test_no_page_of_the_merchant_shows_a_secret(journey: Journey, member: Client) -> None:
    for page in ("shop", "access", "check", "check_lines", "pull", "pull_progress", "data"):
        answer = member.get(reverse(page, args=[journey.slug]))
        assert answer.status_code == 200, page
        assert journey.planted.found_in(answer.content) == set(), page


@once
def test_what_is_typed_into_the_secret_fields_never_comes_back(
    journey: Journey, member: Client
) -> None:
    """Refused, compared or hinted at: the page has the address that was typed, and no secret."""
    names = journey.connection.connector_class.secret_names
    typed = Planted({name: f"typed0{name}".replace("_", "0").ljust(32, "z") for name in names})
    url = journey.connection.config["url"]
    secret = {n: v for n, v in typed.secrets.items() if n != "username"}
    given = {**typed.secrets, "username": "somebody@maison.example", "url": url}
    paste = {"paste": "\n".join(f"{name}: {value}" for name, value in secret.items()), "url": url}
    compare = {"name": names[-1], "value": secret[names[-1]]}
    with everything_logged() as logged:
        for page, data in (
            ("access", given),
            ("access", paste),
            ("access_hints", given),
            ("access_compare", compare),
        ):
            answer = member.post(reverse(page, args=[journey.slug]), data)
            assert answer.status_code == 200, (page, answer.status_code)
            assert typed.found_in(answer.content) == set(), page
    assert typed.found_in(logged.getvalue()) == set()
    assert typed.found_in(database_dump()) == set()


@once
@pytest.mark.parametrize("debug", [True, False])
@pytest.mark.urls(__name__)
def test_no_error_page_shows_a_secret(
    journey: Journey, member: Client, settings: Any, debug: bool
) -> None:
    settings.DEBUG = debug
    answer = member.post("/broken/", {"value": next(iter(journey.planted.secrets.values()))})
    assert answer.status_code == 500
    assert (b"RuntimeError" in answer.content) is debug
    assert journey.planted.found_in(answer.content) == set()
    assert journey.planted.found_in(journey.logged.getvalue()) == set()
    assert "RuntimeError" in journey.logged.getvalue()


@once
def test_the_admin_shows_no_secret_and_searches_in_none(journey: Journey, staff: Client) -> None:
    pages = dict(admin_pages(staff))
    assert len(pages) > len(admin.site._registry) + 10
    for name, content in pages.items():
        assert journey.planted.found_in(content) == set(), name
        assert journey.connection.sealed.encode() not in content, name
    for model, site in admin.site._registry.items():
        if site.search_fields:
            name = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
            for value in (*journey.planted.secrets.values(), journey.connection.sealed):
                found = staff.get(reverse(name), {"q": value})
                assert found.context["cl"].result_count == 0, name


@once
def test_nothing_shows_a_secret_when_printed(journey: Journey) -> None:
    connection = journey.connection
    with connections.open_connector(connection) as connector:
        secrets = connector.settings.secrets
        client = getattr(connector, "_client", None)
        things = [connection, connector, connector.settings, secrets, client, vars(connection)]
        things += list(vars(connector.settings).values())
        leak = next(iter(secrets.values()))
        error = errors.UnexpectedAnswerError(detail=f"the shop said {leak}", host=leak)
        things += [
            error,
            error.detail,
            error.params,
            error.args,
            errors.render(error.code, error.params),
        ]
        shown = "".join(f"{thing!r} {thing!s} {thing}" for thing in things)
    assert journey.planted.found_in(shown) == set()
    assert redaction.MARK in shown


def test_no_fixture_of_the_data_holds_a_secret(journey: Journey) -> None:
    out = StringIO()
    call_command("dumpdata", stdout=out)
    assert "connectors.connection" in out.getvalue()
    assert len(out.getvalue()) > 1_000
    assert journey.planted.found_in(out.getvalue()) == set()
    assert all(apps.get_models())
