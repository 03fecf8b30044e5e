"""wrk is asked and understood; a page that fails is no figure."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from tests.benchmarks.measuring import FailedError
from tests.benchmarks.sections import load

pytestmark = pytest.mark.wrk


class Pages(BaseHTTPRequestHandler):
    """One page for who has the cookie; a failure for everybody else."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.asked += 1  # type: ignore[attr-defined]
        is_known = self.headers["Cookie"] == "sessionid=known"
        self.send_response(200 if is_known else 500)
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b"page")

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        server.asked = 0  # type: ignore[attr-defined]
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_every_answer_is_counted(server: ThreadingHTTPServer) -> None:
    page = {"name": "a page", "path": "/", "headers": {"Cookie": "sessionid=known"}}
    found = load._at_once(server.server_port, page, 1)
    # Those that were under way at the end were asked for and are not counted.
    assert 0 <= server.asked - found["requests"] <= load.AT_ONCE  # type: ignore[attr-defined]
    assert found["failed"] == 0
    assert 0 < found["p50"] <= found["p99"]


def test_pages_that_fail_are_no_figure(server: ThreadingHTTPServer) -> None:
    page = {"name": "a page", "path": "/", "headers": {"Cookie": "sessionid=other"}}
    with pytest.raises(FailedError, match=r"'failed': [1-9]"):
        load._at_once(server.server_port, page, 1)
    with pytest.raises(FailedError, match="/: 500"):
        load._alone(server.server_port, page, 1)


def test_the_table_has_every_page_with_its_ratio_to_the_empty_one() -> None:
    common = {"queries": 3, "size": 1_000, "p50": 4.0, "p99": 10.0}
    pages = [
        load.Page(name="nothing", alone=2.0, rate=1_000.0, **common),
        load.Page(name="slow", alone=50.0, rate=250.0, **{**common, "p99": 35.0}),
    ]
    loaded = load.Loaded(
        shops=10_000, days=400, lines=20_000, rows={"a": 5}, fill=1.0, standing=30.0, pages=pages
    )
    written = "\n".join(map(str, load.write(loaded)))
    assert (
        "| nothing | 3 | 1.0 | 2.0 | reached | 1,000 (1.000) | 4.0 (1.0) | 10.0 (1.0) |" in written
    )
    assert (
        "| slow | 3 | 1.0 | 50.0 | **not reached** | 250 (0.250) | 4.0 (1.0) | 35.0 (3.5) |"
        in written
    )
