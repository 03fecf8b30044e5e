"""One HTTP request and its answer as plain values: what the simulated shops read and give."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class Request:
    """`target` is what stood on the wire, undecoded. Header names are lower-case."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        return self.target.partition("?")[2]

    def header(self, name: str) -> str:
        return self.headers.get(name.lower(), "")


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """How the server hands an answer over, where that is not simply at once and whole."""

    delay: float = 0.0  # seconds before the first byte
    drop_after: int | None = None  # hang up after so many bytes of the body
    reset: bool = False  # break the connection off without a word
    pause: float = 0.0  # seconds between the pieces of a body that comes in PIECES
    endless: bool = False  # repeat the body until the client hangs up


@dataclass(frozen=True, kw_only=True)
class Response:
    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    delivery: Delivery = Delivery()

    def header(self, name: str) -> str:
        """The first header of that name, or "". The case does not matter."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), "")


class App(Protocol):
    """A simulated shop. Called from several threads at once."""

    def answer(self, request: Request) -> Response: ...
