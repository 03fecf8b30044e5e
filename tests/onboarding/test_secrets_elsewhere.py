"""Every other secret of the portal is planted and used, and then looked for wherever something comes out.

tests/test_secrets_stay_secret.py does the same with the journey of the commands.
"""

import json
import logging
import secrets
import shutil
import subprocess
import threading
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.core import mail as outbox
from django.core.mail import EmailMessage
from django.db.models.fields.files import FieldFile
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path, reverse
from pytest_django import Settings

from connectors import connections
from connectors.models import Connection
from connectors.sandbox.server import serve
from connectors.sandbox.wshop import tokens
from connectors.sandbox.wshop.shop import User as WshopUser
from connectors.sandbox.wshop.shop import WshopSandbox
from connectors.sshkeys import make_pair
from kleep_portal import redaction
from onboarding import certificates, delivery, links, looking, mail, services
from onboarding.api import clients
from onboarding.browser import running
from onboarding.models import (
    Certificate,
    Decision,
    FileSource,
    Invitation,
    PageRun,
    Shop,
    User,
    Webhook,
)
from onboarding.services import notifications
from onboarding.services.sftp_keys import make_sftp_key
from tests.commands import connect, run
from tests.onboarding.conftest import CONFIG, PASSWORD, SECOND_FACTOR, World
from tests.onboarding.rules import every_rule
from tests.onboarding.test_access import OURS, _address
from tests.onboarding.test_golive import live
from tests.onboarding.test_mail import LANGUAGES, SAYS, recipient
from tests.parts import POPPLER
from tests.planted import Planted, admin_pages, broker_dump, database_dump, everything_logged

pytestmark = [pytest.mark.broker, pytest.mark.django_db(transaction=True)]

OAUTH = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
# The installation's own, in its environment and nowhere else.
INSTALLATION = ("SECRET_KEY", "ENCRYPTION_KEYS", "PSEUDONYM_KEY", "METRICS_TOKEN")
METRICS_TOKEN = "m3trics-are-for-the-monitoring-alone"
NAMES = (
    *OAUTH,
    "wshop_password",
    "wshop_jwt",
    "storefront_password",
    "sftp_private_key",
    "shown_private_key",
    "totp",
    "hand_off_token",
    "invitation_token",
    "api_token",
    "webhook_secret",
    "webhook_token",
    *INSTALLATION,
)
# Pages whose address is the link itself, which they carry on to their own form.
OF_A_LINK = {"hand_off_open", "invitation"}


def broken(request: HttpRequest) -> HttpResponse:
    """A view that fails with all that was given to it in its hands."""
    values = dict(request.POST.items())
    raise RuntimeError(f"failed with {values}")


urlpatterns = [path("broken/", broken), path("", include("kleep_portal.urls"))]


@dataclass
class Scene:
    """Two shops that have used every kind of secret, and all that was logged meanwhile."""

    world: World
    planted: Planted
    logged: StringIO

    def staff(self) -> Client:
        user = User.objects.filter(email="root@kleep.example").first()
        if user is None:
            user = User.objects.create_superuser("root@kleep.example", PASSWORD)
            self.world.people["root"] = user
            # The same authenticator as the others'.
            mine = self.world.people["manager"].authenticator_set.get()
            user.authenticator_set.create(type=mine.type, data=mine.data)
        return self.world.client("root")

    def asked(self, path: str, token: str = "") -> Any:
        headers = {"Authorization": f"Bearer {token or self.planted.secrets['api_token']}"}
        return Client().get(f"/api/v1/{path}", headers=headers)


@pytest.fixture
def scene(
    world: World, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Scene]:
    settings.METRICS_TOKEN = METRICS_TOKEN
    redaction.remember_always(METRICS_TOKEN)  # as it is done at the start
    found = {name: _configured(name) for name in INSTALLATION} | {"totp": SECOND_FACTOR}
    with everything_logged() as logged:
        found |= _magento(world)
        found |= _wshop(monkeypatch, tmp_path)
        found |= _servers(world)
        found |= _links(world)
        found |= _programs(world)
        assert set(found) == set(NAMES)
        yield Scene(world, Planted(found), logged)


def _configured(name: str) -> str:
    value = getattr(configured, name)
    return str(value[0] if isinstance(value, list) else value)


def _magento(world: World) -> dict[str, str]:
    four = {name: secrets.token_hex(16) for name in OAUTH}
    services.save_credentials(
        world.shop, platform="magento", config=CONFIG, secrets=four, by=None, prove=False
    )
    return four


def _wshop(monkeypatch: pytest.MonkeyPatch, folder: Path) -> dict[str, str]:
    """A second shop of the merchant's, checked and pulled with a token that the shop issued."""
    issued: list[str] = []
    issue = tokens.issue

    def noted(*given: Any, **more: Any) -> str:
        issued.append(issue(*given, **more))
        return issued[-1]

    monkeypatch.setattr(tokens, "issue", noted)
    user = WshopUser("kleep-reader@maison-demo.example", 'pl4nted/w0rd+"of the <shop>"')
    with serve(WshopSandbox(users=[user])) as address:
        config = {"url": address.url, "username": user.email, "password": user.password}
        words = {"merchant": "Maison", "shop": "Brest", "platform": "wshop", "config": config}
        slug = connect(words, folder).out.strip()
        assert run("check_connection", slug).code == 0
        assert run("pull", slug).code == 0
    return {"wshop_password": user.password, "wshop_jwt": issued[-1]}


def _servers(world: World) -> dict[str, str]:
    """The password before the storefront, the key of the merchant's server, and one that was shown once."""
    password = f"St0refront-{secrets.token_hex(12)}"
    services.save_storefront_access(
        world.shop, "preprod", username="visitor", password=password, by=None
    )
    server = Connection(tenant=world.merchant.pk, platform="sftp")
    private = make_pair("merchant").private
    config = {"url": "sftp://files.shop.example:22", "user": "kleep", "auth": "key"}
    connections.set_credentials(
        server, config=config, secrets={"secret": private}, by="", prove=False
    )
    FileSource.objects.create(shop=world.shop, way=FileSource.Way.OWN, server=server)
    shown = make_sftp_key(world.shop, "Export", by=None).private
    return {
        "storefront_password": password,
        # The middle of a key: what stands around it is in every key.
        "sftp_private_key": _middle(private),
        "shown_private_key": _middle(shown),
    }


def _middle(private: str) -> str:
    """The line that holds the private part."""
    return private.splitlines()[-3]


def _links(world: World) -> dict[str, str]:
    owner = world.people["owner"]
    hand_off = services.hand_off(
        world.shop,
        task="access",
        email="agency@lune.example",
        name="Lune",
        language="en",
        by=owner,
    )
    invited = services.invite(world.merchant, email="new@maison.example", by=owner)
    return {"hand_off_token": links.token(hand_off), "invitation_token": links.token(invited)}


def _programs(world: World) -> dict[str, str]:
    """One that reads the API, and one that is told: its address opens it, its secret signs for us."""
    token = secrets.token_urlsafe(24)
    webhook = Webhook(name="Data team", kind=Webhook.Kind.GENERIC, events=["page_broken"])
    secret = notifications.save_webhook(
        webhook, {}, url=f"https://hooks.kleep.example/in/{token}", by=world.people["manager"]
    )
    services.record(world.shop, "page_broken", by=None)
    return {
        "api_token": clients.create("Data team", tuple(clients.SCOPES), by=None)[1],
        "webhook_secret": secret,
        "webhook_token": token,
    }


def _remaining(scene: Scene) -> set[str]:
    return scene.planted.found_in(scene.logged.getvalue())


# --- the search, and what it would find ---


def test_each_is_found_where_it_is_not_scrubbed_and_not_where_it_is(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Scrubbing is switched off for a moment: the search of all that follows sees each of them."""
    log = logging.getLogger("onboarding")
    for name, value in scene.planted.secrets.items():
        with everything_logged() as said:
            log.error("failed with %s", value)
            assert scene.planted.found_in(said.getvalue()) == set(), name
            with monkeypatch.context() as off:
                off.setattr(redaction, "scrub", lambda text: text)
                off.setattr(redaction.Redactor, "scrub", lambda _self, text: text)
                log.error("failed with %s", value)
            assert scene.planted.found_in(said.getvalue()) == {name}


# --- what comes out ---


def test_the_database_the_broker_and_the_cache_hold_none(scene: Scene) -> None:
    assert scene.asked("shops").status_code == 200
    assert (
        Client().get(f"/invitation/{scene.planted.secrets['invitation_token']}").status_code == 302
    )
    dump = broker_dump()
    assert b"api-" in dump  # how often the client asked
    assert scene.planted.found_in(dump) == set()
    assert scene.planted.found_in(database_dump()) == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_mail_carries_one_but_the_link_that_it_is_sent_for(scene: Scene, language: str) -> None:
    own = {"invitation": {"invitation_token"}, "handed_off": {"hand_off_token"}}
    found = {}
    for kind in mail.KINDS:
        to = recipient(kind, scene.world, language)
        noted = mail.send(kind, to=to, shop=scene.world.shop, **SAYS.get(kind, {}))
        assert noted is not None
        if kind in own:  # the link that was planted
            model = Invitation if kind == "invitation" else type(to)
            to = model.objects.order_by("pk")[0]  # type: ignore[attr-defined]  # both are links
            noted.invitation, noted.hand_off = (to, None) if kind == "invitation" else (None, to)
        found[kind] = scene.planted.found_in(_whole(delivery.written([noted])))
    assert found == {kind: own.get(kind, set()) for kind in mail.KINDS}
    assert _remaining(scene) == set()


def _whole(message: EmailMessage) -> str:
    """Headers, text and HTML, as they are sent and as they are read."""
    made = message.message()
    parts = [made.as_string(), *(f"{name}: {value}" for name, value in made.items())]
    parts += [str(part.get_payload(decode=True) or b"", "utf-8") for part in made.walk()]  # type: ignore[arg-type]  # of a text it is bytes
    return "\n".join(parts)


def test_no_mail_of_an_account_carries_one(scene: Scene) -> None:
    email = scene.world.people["owner"].email
    for page in ("account_request_login_code", "account_reset_password"):
        assert Client().post(reverse(page), {"email": email}).status_code == 302
    assert len(outbox.outbox) == 2
    for sent in outbox.outbox:
        assert scene.planted.found_in(_whole(sent)) == set()


@pytest.mark.once
@pytest.mark.parametrize("who", ["owner", "manager", "support", "root", "holder of access"])
def test_no_page_shows_one(scene: Scene, who: str) -> None:
    """Every page of every area that this person may open."""
    client = scene.staff() if who == "root" else scene.world.client(who)
    seen = 0
    for name, rule in every_rule().items():
        if rule.method != "get" or name not in OURS or name in OF_A_LINK:
            continue
        answer = client.get(_address(name, scene.world))
        content = b"".join(answer) if answer.streaming else answer.content
        seen += answer.status_code == 200
        assert scene.planted.found_in(content) == set(), name
        assert scene.planted.found_in(str(answer.headers)) == set(), name
    assert seen > (20 if who != "holder of access" else 5)
    assert _remaining(scene) == set()


@pytest.mark.once
def test_the_admin_shows_none(scene: Scene) -> None:
    for name, content in admin_pages(scene.staff()):
        assert scene.planted.found_in(content) == set(), name


def test_the_api_answers_none_whoever_asks(scene: Scene) -> None:
    slug = scene.world.shop.slug
    for path_ in (
        "shops",
        *(f"shops/{slug}{end}" for end in ("", "/status", "/readiness", "/freshness")),
    ):
        answer = scene.asked(path_)
        assert answer.status_code == 200, path_
        assert scene.planted.found_in(answer.content) == set(), path_
    wrong = scene.planted.secrets["storefront_password"]
    refused = [scene.asked("shops", token=wrong), scene.asked(f"shops/{wrong}")]
    assert [answer.status_code for answer in refused] == [401, 404]
    for answer in (*refused, Client().get("/api/v1/openapi.json")):
        assert scene.planted.found_in(answer.content) == set()
    assert _remaining(scene) == set()


def test_the_figures_say_none(scene: Scene) -> None:
    scene.staff().get(reverse("pipeline"))
    Client().get(f"/invitation/{scene.planted.secrets['invitation_token']}")
    answer = Client().get("/metrics", headers={"Authorization": f"Bearer {METRICS_TOKEN}"})
    assert b"portal_request_seconds" in answer.content
    assert scene.planted.found_in(answer.content) == set()


def test_nothing_that_is_written_out_holds_one(scene: Scene, tmp_path: Path) -> None:
    said = []
    for shop in Shop.objects.filter(merchant=scene.world.merchant):
        folder = str(tmp_path / "out" / shop.slug)
        for words in (
            ("export", shop.slug, "--out", folder, "--json"),
            ("export_config", shop.slug),
            ("readiness", shop.slug, "--json"),
        ):
            done = run(*words)
            assert done.code == 0 or words[0] == "readiness", words  # 1: not good enough yet
            assert done.out, words
            said += [done.out, done.err]
    said.append(run("audit", "--export", str(tmp_path / "out" / "events.jsonl")).out)
    said.append(run("dumpdata").out)
    assert scene.planted.found_in("\n".join(said)) == set()
    assert scene.planted.found_in_folder(tmp_path / "out") == {}


@pytest.mark.parametrize("debug", [True, False])
@pytest.mark.urls(__name__)
def test_no_error_page_and_no_log_of_one_shows_one(
    scene: Scene, settings: Settings, debug: bool
) -> None:
    settings.DEBUG = debug
    client = scene.world.client("owner")
    client.raise_request_exception = False
    answer = client.post("/broken/", scene.planted.secrets)
    assert answer.status_code == 500
    assert (b"RuntimeError" in answer.content) is debug
    assert scene.planted.found_in(answer.content) == set()
    assert "RuntimeError" in scene.logged.getvalue()
    assert _remaining(scene) == set()


# --- a page that reads the password before it, and tells everybody ---

TELLING = """<!doctype html><title>%(told)s</title><h1>Dress</h1><script>
  const told = "%(told)s";
  localStorage.setItem("kleep-" + told, told);
  console.error("told: " + told);
  fetch("/lost/" + told).catch(() => {});
  setTimeout(() => { throw new Error(told) });
</script>"""


class _Teller(BaseHTTPRequestHandler):
    """A storefront behind a password that it writes into its own pages."""

    def do_GET(self) -> None:
        scheme, _space, given = self.headers.get("Authorization", "").partition(" ")
        if scheme != "Basic":
            self._answer(401, b"", {"WWW-Authenticate": 'Basic realm="preprod"'})
        elif self.path.startswith("/lost/"):
            self._answer(404, b"")
        else:
            told = b64decode(given).decode().partition(":")[2]
            self._answer(200, (TELLING % {"told": told}).encode(), {"Content-Type": "text/html"})

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(400, f"nobody listens at {self.path}".encode())

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: Any) -> None:
        """Nothing on the test's output."""


@pytest.fixture
def telling() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Teller)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/dress"
    server.shutdown()
    server.server_close()


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What the browser saw the first time is what it sees the second time."""
    seen: list[Any] = []
    real = running.looked_at

    @contextmanager
    def looked_at(job: Any) -> Iterator[Any]:
        if not seen:
            with real(job) as (observed, folder):
                shutil.copytree(folder, tmp_path / "kept", ignore_dangling_symlinks=True)
            seen.append(observed)
        yield seen[0], tmp_path / "kept"

    monkeypatch.setattr(running, "looked_at", looked_at)


@pytest.mark.browser
@pytest.mark.once
def test_no_evidence_of_a_page_keeps_its_password(
    scene: Scene, telling: str, kept: None, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.BROWSER_PATIENCE_SECONDS = 0.5
    run_ = _looked(scene, telling)
    details = json.dumps([run_.details, run_.lines])
    assert f"told: {redaction.MARK}" in details
    assert f"/lost/{redaction.MARK}" in details
    assert f"kleep-{redaction.MARK}" in details
    assert scene.planted.found_in(details) == set()
    pictures = [_stored(picture.file) for picture in run_.evidence.all()]
    assert pictures
    assert [scene.planted.found_in(picture) for picture in pictures] == [set()] * len(pictures)
    page = scene.world.client("owner").get(reverse("look", args=[scene.world.shop.slug, run_.pk]))
    assert redaction.MARK in page.content.decode()
    assert scene.planted.found_in(page.content) == set()
    assert scene.planted.found_in(database_dump()) == set()
    assert _remaining(scene) == set()
    with monkeypatch.context() as off:
        off.setattr(redaction, "scrub", lambda text: text)
        unscrubbed = _looked(scene, telling)
    assert scene.planted.found_in(json.dumps(unscrubbed.details)) == {"storefront_password"}
    assert scene.planted.found_in(json.dumps(unscrubbed.lines)) == {"storefront_password"}


def _stored(file: FieldFile) -> bytes:
    with file.open("rb") as opened:
        return bytes(opened.read())


def _looked(scene: Scene, url: str) -> PageRun:
    asked = PageRun.objects.create(shop=scene.world.shop, environment="preprod", url=url)
    done = looking.look(asked.pk)
    assert done is not None
    assert done.state == PageRun.State.FINISHED
    return done


def test_no_answer_of_a_webhook_brings_its_address_back(
    scene: Scene, telling: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A receiver repeats the address in its answer, of which the first words are kept."""
    webhook, manager = Webhook.objects.get(), scene.world.people["manager"]
    address = telling.replace("/dress", f"/in/{scene.planted.secrets['webhook_token']}")
    notifications.save_webhook(webhook, {}, url=address, by=manager)
    tried = notifications.try_webhook(webhook, by=manager)
    assert (tried.status, tried.answer) == (400, f"nobody listens at /in/{redaction.MARK}")
    assert scene.planted.found_in(database_dump()) == set()
    assert _remaining(scene) == set()
    with monkeypatch.context() as off:
        off.setattr(redaction, "scrub", lambda text: text)
        unscrubbed = notifications.try_webhook(webhook, by=manager)
    assert scene.planted.found_in(unscrubbed.answer) == {"webhook_token"}


# --- the paper of a go-live ---


@pytest.mark.browser
@pytest.mark.once
@pytest.mark.paper
def test_no_certificate_says_one(scene: Scene, tmp_path: Path) -> None:
    decision = live(scene.world).shop.decisions.get(kind=Decision.Kind.VERIFIED)
    certificates.make(decision.pk)
    printed = list(Certificate.objects.order_by("language"))
    assert [one.language for one in printed] == sorted(LANGUAGES)
    for one in printed:
        content = _stored(one.file)
        said = _text(content, tmp_path)
        assert "Maison" in said
        assert scene.planted.found_in(content) == set()
        assert scene.planted.found_in(said) == set()
    value = scene.planted.secrets["storefront_password"]
    leak = _text(running.print_pdf(f"<p>{value}</p>"), tmp_path)
    assert scene.planted.found_in(leak) == {"storefront_password"}


def _text(pdf: bytes, folder: Path) -> str:
    """What a person reads on it."""
    (folder / "paper.pdf").write_bytes(pdf)
    program = POPPLER.program or "pdftotext"
    command = [program, "-raw", str(folder / "paper.pdf"), "-"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout
