"""A portal with real processes, and a slow shop for it to pull from."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connections
from pytest_django import DjangoDbBlocker

from tests.chaos.pulls import HASTE, WATCHED, Pulls, slow_shop, slow_wshop
from tests.portal import database_name, environment, launched


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return environment(tmp_path_factory.mktemp("chaos") / "var", **HASTE)


@pytest.fixture(scope="module")
def watched(env: dict[str, str], django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The portal's own database, seen from this process under the alias WATCHED."""
    connections.settings[WATCHED] = {**connections.settings["default"], "NAME": database_name(env)}
    with django_db_blocker.unblock():
        yield
        connections[WATCHED].close()
    del connections[WATCHED], connections.settings[WATCHED]


@pytest.fixture(scope="module")
def pulls(env: dict[str, str], watched: None) -> Iterator[Pulls]:
    """The shop, and what an undisturbed pull of it stored."""
    with slow_shop() as document:
        yield _undisturbed(env, document)


@pytest.fixture(scope="module")
def wshop_pulls(env: dict[str, str], watched: None) -> Iterator[Pulls]:
    with slow_wshop() as document:
        yield _undisturbed(env, document)


def _undisturbed(env: dict[str, str], document: dict[str, Any]) -> Pulls:
    with launched(env):
        pulls = Pulls(env, document)
        pulls.undisturbed()
    return pulls
