"""Shops that are shown together: each kind of fact is read in one query, however many shops they are."""

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any, TypeVar
from uuid import UUID

from connectors.models import Check, Connection
from connectors.newest import newest_checks
from onboarding.models import Shop

Known = TypeVar("Known")


class Together:
    """The shops of one page; a reader is a function that finds something out about all of them at once."""

    def __init__(
        self, shops: Iterable[Shop], known: "dict[Callable[[Together], Any], Any] | None" = None
    ) -> None:
        """`known`: by reader what it would find, where the page has read that already."""
        self.shops = list(shops)
        self._known = dict(known or {})

    @cached_property
    def connections(self) -> list[Connection]:
        """Each once, also where several shops share it."""
        found = (shop.connection for shop in self.shops)
        return list({one.pk: one for one in found if one is not None}.values())

    def read(self, reader: Callable[["Together"], Known]) -> Known:
        """What the reader finds, read when it is first asked for."""
        if reader not in self._known:
            self._known[reader] = reader(self)
        found: Known = self._known[reader]
        return found


def checks(together: Together) -> dict[UUID, Check]:
    """By connection its newest check with the lines."""
    return newest_checks(together.connections)
