"""Fixtures shared by every test: the broker, the browser, and the rule that CI skips nothing."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
from django.conf import settings
from django.core.cache import cache
from django.utils import translation

from tests import browsers, migrated, scheduling
from tests.portal import PROMPTLY, Portal, environment, launched
from tests.processes import running_broker

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# Commands that tests start in processes of their own run with the real settings.
os.environ["DJANGO_SETTINGS_MODULE"] = "kleep_portal.settings"

# How fast a machine draws its examples says nothing of what is tested.
hypothesis.settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("any machine")


@pytest.fixture(scope="session", autouse=True)
def real_broker() -> Iterator[None]:
    """A Redis or Valkey of this session's own, behind the broker and the cache settings."""
    if settings.EMBEDDED_BROKER:
        with running_broker(Path(settings.BROKER_SOCKET), settings.VAR):
            yield
    else:
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """The tests' own database begins as a copy of the one that the round has ready."""
    test = settings.DATABASES["default"].setdefault("TEST", {})
    if database := os.environ.get(migrated.POSTGRES):
        test["TEMPLATE"] = database
    elif os.environ.get(migrated.SQLITE):
        migrated.copy(Path(test["NAME"]))


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """A file is kept as it was copied; its folder goes with the process."""
    return migrated.SQLITE in os.environ


@pytest.fixture(autouse=True)
def empty_cache(real_broker: None) -> None:
    """Rate limits counted in one test do not refuse the next."""
    cache.clear()


@pytest.fixture(autouse=True)
def no_language_of_the_last_test() -> None:
    """A request leaves its language to its thread; the next test starts in the default one."""
    translation.deactivate()


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """The whole product as `make run` starts it, with its demo, on a data folder of its own."""
    var = tmp_path_factory.mktemp("portal") / "var"
    with launched(environment(var)) as portal:
        yield portal


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    from playwright.sync_api import expect

    expect.set_options(timeout=PROMPTLY)
    with browsers.running() as browser:
        yield browser


@pytest.fixture
def page(browser: "Browser") -> Iterator["Page"]:
    """A page of a fresh browser profile, in English. What its console complains of fails the test."""
    context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PROMPTLY)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []


# What a test that meets the database asks for.
DATABASE_FIXTURES = {"db", "transactional_db", "live_server", "portal"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--second-round",
        action="store_true",
        help="on another database: leave out what never meets it, and what is marked `once`",
    )


@pytest.hookimpl(optionalhook=True)  # where xdist is switched off
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> scheduling.Scheduling:
    return scheduling.Scheduling(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: scheduling.rank(item.nodeid))
    if not config.getoption("--second-round"):
        return
    again = [item for item in items if _depends_on_the_database(item)]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(again)])
    items[:] = again


def _depends_on_the_database(item: pytest.Item) -> bool:
    if item.get_closest_marker("once"):
        return False
    asked = set(getattr(item, "fixturenames", ()))
    marks = ("django_db", "chaos", "broker")
    return bool(asked & DATABASE_FIXTURES) or any(map(item.get_closest_marker, marks))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI a skipped test is a failed run: what CI does not run, nobody does."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    if skipped and os.environ.get("CI"):
        reporter.write_line(f"{len(skipped)} skipped, which CI does not accept", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
