"""A portal with real processes, and a shop for it to pull from."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from django.db import connections
from pytest_django import DjangoDbBlocker

from tests.chaos.pulls import HASTE, WATCHED, Pulls, Rationed, rationed_shop, rationed_wshop
from tests.portal import Portal, database_name, environment, launched


class Keeper:
    """One portal for the tests of a module: whoever kills it leaves its data to the next one."""

    def __init__(self, env: dict[str, str]) -> None:
        self._env = env
        self._stack = ExitStack()
        self._portal: Portal | None = None

    def up(self) -> Portal:
        """The portal that is there, or a new one on the same data."""
        if self._portal is None:
            self._portal = self._stack.enter_context(launched(self._env))
        return self._portal

    def down(self) -> None:
        """It is stopped where it lives, and its end awaited."""
        self._portal = None
        self._stack.close()


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return environment(tmp_path_factory.mktemp("chaos") / "var", demo=False, **HASTE)


@pytest.fixture(scope="module")
def keeper(env: dict[str, str]) -> Iterator[Keeper]:
    keeper = Keeper(env)
    yield keeper
    keeper.down()


@pytest.fixture(scope="module")
def watched(env: dict[str, str], django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The portal's own database, seen from this process under the alias WATCHED."""
    connections.settings[WATCHED] = {**connections.settings["default"], "NAME": database_name(env)}
    with django_db_blocker.unblock():
        yield
        connections[WATCHED].close()
    del connections[WATCHED], connections.settings[WATCHED]


@pytest.fixture(scope="module")
def magento(env: dict[str, str], keeper: Keeper, watched: None) -> Iterator[tuple[Rationed, Pulls]]:
    """The shop, and what an undisturbed pull of it stored."""
    with rationed_shop() as (shop, document):
        yield shop, _undisturbed(env, keeper, document)


@pytest.fixture(scope="module")
def wshop(env: dict[str, str], keeper: Keeper, watched: None) -> Iterator[tuple[Rationed, Pulls]]:
    with rationed_wshop() as (shop, document):
        yield shop, _undisturbed(env, keeper, document)


def _undisturbed(env: dict[str, str], keeper: Keeper, document: dict[str, Any]) -> Pulls:
    keeper.up()
    pulls = Pulls(env, document)
    pulls.undisturbed()
    return pulls
