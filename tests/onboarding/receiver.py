"""A program on loopback that counts the webhooks that come, answers as a test wants, verifies by itself."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Post:
    """What came in: the headers in lower case, the body byte by byte."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> dict[str, Any]:
        return dict(json.loads(self.body))

    @property
    def number(self) -> str:
        return self.headers["webhook-id"]

    def is_signed_with(self, secret: str) -> bool:
        """As the specification of Standard Webhooks says, with the standard library alone."""
        key = base64.b64decode(secret.split("_", 1)[1])
        head = f"{self.headers['webhook-id']}.{self.headers['webhook-timestamp']}."
        made = hmac.new(key, head.encode() + self.body, hashlib.sha256).digest()
        given = [one.split(",", 1) for one in self.headers["webhook-signature"].split()]
        return any(
            version == "v1" and hmac.compare_digest(base64.b64decode(one), made)
            for version, one in given
        )


@dataclass
class Receiver:
    """`answers` are used up one by one; then it says 200. One of them may be "hang": it never answers."""

    url: str = ""
    posts: list[Post] = field(default_factory=list)
    answers: list[Any] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)


@contextmanager
def receiving() -> Iterator[Receiver]:
    mine = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            mine.posts.append(Post(self.path, headers, body))
            answer = mine.answers.pop(0) if mine.answers else (200, {}, b"ok")
            if answer == "hang":
                mine.over.wait(30)
                return
            status, more, said = answer
            self.send_response(status)
            for name, value in {"Content-Length": str(len(said)), **more}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *args: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        mine.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield mine
        finally:
            mine.over.set()
            server.shutdown()
            thread.join()
