"""The routes of the simulated REST API: what they are called, which permission they need, who answers."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from connectors.sandbox.magento import replies
from connectors.sandbox.magento.integrations import Integration
from connectors.sandbox.magento.phpquery import PhpArray

if TYPE_CHECKING:
    from connectors.sandbox.magento.shop import SandboxShop


@dataclass(frozen=True)
class Call:
    """A request that passed every check. `store`: code of the store view, or "all"."""

    shop: "SandboxShop"
    store: str
    params: PhpArray
    variables: dict[str, str]
    who: Integration | None
    base_url: str
    body: bytes = b""

    def number(self, name: str) -> int:
        """A variable of the path that must be a whole number. Raises Refusal."""
        text = self.variables[name]
        if not re.fullmatch(r"-?[0-9]{1,18}", text):
            raise replies.not_an_int(text)
        return int(text)


@dataclass(frozen=True)
class Encoded:
    """A body that is JSON already."""

    body: bytes


View = Callable[[Call], Any]


@dataclass(frozen=True)
class Route:
    """`resources` empty: for anybody."""

    method: str
    segments: tuple[str, ...]
    resources: tuple[str, ...]
    view: View
    is_commerce: bool = False  # Adobe Commerce alone

    def variables(self, segments: list[str]) -> dict[str, str] | None:
        """What stands at the `:names` of the route, decoded; None where it does not fit."""
        found = {}
        for own, given in zip(self.segments, segments, strict=True):
            if own.startswith(":"):
                found[own[1:]] = unquote_plus(given)
            elif own != given:
                return None
        return found

    @property
    def literals(self) -> int:
        return sum(not segment.startswith(":") for segment in self.segments)


ROUTES: list[Route] = []


def route(
    path: str, *resources: str, method: str = "GET", is_commerce: bool = False
) -> Callable[[View], View]:
    """Registers the view of a path below /V1."""

    def register(view: View) -> View:
        segments = tuple(path.strip("/").split("/"))
        ROUTES.append(Route(method, segments, resources, view, is_commerce))
        return view

    return register


def match(method: str, path: str, *, is_commerce: bool) -> tuple[Route, dict[str, str]]:
    """The route of a path below /V1. Literal segments win over variables. Raises Refusal."""
    segments = [segment for segment in path.split("/") if segment]
    fitting = [
        (one.literals, number, one, found)
        for number, one in enumerate(ROUTES)
        if one.method == method and len(one.segments) == len(segments)
        if is_commerce or not one.is_commerce
        if (found := one.variables(segments)) is not None
    ]
    if not fitting:
        raise replies.no_route()
    return max(fitting, key=lambda entry: entry[:2])[2:]
