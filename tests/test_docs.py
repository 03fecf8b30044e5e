"""What the documentation says is true: names exist, samples run, generated pages are current."""

import inspect
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.core.management import get_commands

from connectors import base, datasets, errors, http, reference
from connectors.base import Connector

ROOT = Path(__file__).resolve().parent.parent
PAGES = ["README.md", "CONTRIBUTING.md", "connectors/README.md", "docs/operations.md"]
PAGES += ["docs/webhooks.md"]
CONNECTORS = (ROOT / "connectors" / "README.md").read_text(encoding="utf-8")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def _text(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def _quoted(text: str) -> list[str]:
    """Everything between single backquotes, outside the blocks."""
    return re.findall(r"`([^`\n]+)`", FENCE.sub("", text))


def _names() -> set[str]:
    """Every public name of the contract, with the fields and methods of its classes."""
    found: set[str] = set()
    for module in (base, datasets, errors, http):
        for name, value in vars(module).items():
            found.add(name)
            if inspect.isclass(value) and value.__module__ == module.__name__:
                members = {*dir(value), *getattr(value, "__annotations__", {})}
                found |= members | {f"{name}.{member}" for member in members}
    return found | set(inspect.signature(Connector.pages).parameters)


def _exists(name: str) -> bool:
    """A command, a file (of the project, of the app, of a platform), a module, or a name of the contract."""
    if name.startswith("manage.py "):
        return name.split()[1] in get_commands()
    if "/" in name or re.search(r"\.(py|md|toml|html)$", name):
        homes = (ROOT, ROOT / "connectors", ROOT / "connectors" / "magento")
        return any((home / name.rstrip("/")).exists() for home in homes)
    if re.fullmatch(r"(kleep_portal|connectors|onboarding)(\.\w+)*", name):
        target = ROOT / name.replace(".", "/")
        return target.is_dir() or target.with_suffix(".py").is_file()
    return name in _names()


def test_every_name_in_the_connectors_readme_exists() -> None:
    assert [name for name in _quoted(CONNECTORS) if not _exists(name)] == []


def test_a_name_that_does_not_exist_is_noticed() -> None:
    for wrong in ("SkippableError", "fetching.py", "manage.py fetch", "connectors.fetching"):
        assert not _exists(wrong)


def _samples() -> list[str]:
    return [code for language, code in FENCE.findall(CONNECTORS) if language == "python"]


class StockList(BaseHTTPRequestHandler):
    """The shop of the sample: one token, two lines."""

    def do_GET(self) -> None:
        known = self.headers["Authorization"] == "Bearer right"
        body = b"A-36,here,2\nA-38,here,0.5\n" if known and self.path == "/stock" else b""
        self.send_response(200 if body else 401)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def stock_list() -> Iterator[str]:
    """The address of a running StockList."""
    with ThreadingHTTPServer(("127.0.0.1", 0), StockList) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_the_smallest_platform_of_the_readme_works(stock_list: str) -> None:
    made: dict[str, Any] = {}
    exec(_samples()[0], made)  # the sample is what is under test
    platform = made["PLATFORM"]
    form = platform.form({"url": "shop.example", "token": "right"})
    assert form.is_valid()
    assert (form.to_config(), form.to_secrets()) == (
        {"url": "https://shop.example"},
        {"token": "right"},
    )
    settings = base.Settings(config={"url": stock_list}, secrets={"token": "right"}, pseudonym=str)
    with platform(settings) as connector:
        connector.prove()
        stock = connector.resource("stock")
        assert connector.probe(stock) == base.Probe(resource="stock", count=2)
        [page] = connector.pages(stock, since=None, until=datetime(2026, 1, 1, tzinfo=UTC))
    row = datasets.STOCK.row
    assert page.rows == [
        row(sku="A-36", location="here", quantity=Decimal("2")),
        row(sku="A-38", location="here", quantity=Decimal("0.5")),
    ]


def test_the_smallest_platform_of_the_readme_names_a_wrong_token(stock_list: str) -> None:
    made: dict[str, Any] = {}
    exec(_samples()[0], made)  # the sample is what is under test
    settings = base.Settings(config={"url": stock_list}, secrets={"token": "wrong"}, pseudonym=str)
    with made["PLATFORM"](settings) as connector:
        probe = connector.probe(connector.resource("stock"))
        assert isinstance(probe.error, errors.CredentialsError)
        with pytest.raises(errors.CredentialsError):
            connector.prove()


def test_the_resource_of_the_readme_is_one() -> None:
    made: dict[str, Any] = {}
    code = _samples()[1].replace("\nResource(", "\nresource = Resource(")
    exec(code, made)  # the sample is what is under test
    assert made["resource"].dataset is datasets.RETURNS


def test_the_page_of_the_datasets_is_current() -> None:
    assert _text("docs/datasets.md") == reference.page()


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_a_page_exist(page: str) -> None:
    text = _text(page)
    targets = set(re.findall(r"^([a-z]+):", _text("Makefile"), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z]+)\b(?=[`\s])", "\n".join(_commands(text)))) <= targets
    managed = set(re.findall(r"manage\.py ([a-z_]+)", text))
    assert managed <= set(get_commands())


def _commands(text: str) -> list[str]:
    return [*_quoted(text), *(code for _language, code in FENCE.findall(text))]


@pytest.mark.parametrize("page", [*PAGES, "CHANGELOG.md", "docs/datasets.md"])
def test_the_links_of_a_page_lead_somewhere(page: str) -> None:
    home = (ROOT / page).parent
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", _text(page))
    local = [link for link in links if "://" not in link]
    assert [link for link in local if not (home / link).exists()] == []


def test_every_setting_of_the_environment_is_in_the_example() -> None:
    read = set(re.findall(r'env(?:\.\w+)?\(\s*"([A-Z_]+)"', _text("kleep_portal/settings.py")))
    assert len(read) > 10
    assert read - set(re.findall(r"^#?([A-Z_]+)=", _text(".env.example"), re.MULTILINE)) == set()
