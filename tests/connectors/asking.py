"""One question through a door, with limits that a test can wait for."""

from typing import Any

from connectors.http import Answer, Door, Limits
from tests.connectors.wire import Wire

QUICK = Limits(connect=1, read=1, total=5, max_bytes=10_000, max_decompressed_bytes=50_000)


def ask(wire: Wire, path: str = "/", limits: Limits = QUICK, **kwargs: Any) -> Answer:
    with Door(limits=limits) as door:
        return door.request("GET", f"http://127.0.0.1:{wire.port}{path}", **kwargs)
