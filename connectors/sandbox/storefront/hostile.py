"""Pages that mean harm to whoever opens them in a browser: the machine run must survive each of them."""

import struct
from collections.abc import Callable

from connectors.sandbox.exchange import Delivery, Response
from connectors.sandbox.storefront.standin import text

PRIVATE = "http://169.254.169.254/latest/meta-data/"
PICTURES, SIDE = 30, 1_600  # of 10 MB each


def answer(rest: list[str]) -> Response:
    name = rest[0] if rest else ""
    if name == "picture.bmp":
        return _picture()
    make = PAGES.get(name)
    return make() if make else text(200, _index())


def _page(body: str) -> Response:
    return text(200, f'<!doctype html><link rel="icon" href="data:,"><title>Hostile</title>{body}')


def _index() -> str:
    links = "".join(f'<li><a href="/hostile/{name}">{name}</a>' for name in PAGES)
    return f"<!doctype html><title>Hostile pages</title><ul>{links}</ul>"


def _redirect() -> Response:
    return text(302, "", headers=(("Location", PRIVATE),))


def _refresh() -> Response:
    return _page(f'<meta http-equiv="refresh" content="0;url={PRIVATE}"><h1>Moved</h1>')


def _script_moves() -> Response:
    return _page(f'<script>location.href = "{PRIVATE}";</script>')


def _private_parts() -> Response:
    """Asks for private addresses with everything a page has, once for each kind of address."""
    hosts = ("10.0.0.1", "192.168.0.1", "169.254.169.254", "[::1]:1", "0.0.0.0:1")
    tags = "".join(
        f'<img src="http://{host}/a"><script src="http://{host}/b"></script>'
        f'<iframe src="http://{host}/c"></iframe><script>fetch("http://{host}/d").catch(() => {{}})</script>'
        f'<script>try {{ new WebSocket("ws://{host}/e") }} catch (error) {{}}</script>'
        for host in hosts
    )
    return _page(tags)


def _windows() -> Response:
    return _page("<script>setInterval(() => { window.open(location.href); }, 5);</script>")


def _dialogues() -> Response:
    return _page('<script>for (;;) { alert("Hello"); }</script>')


def _downloads() -> Response:
    return _page(
        "<script>setInterval(() => { const a = document.createElement('a');"
        "a.href = '/hostile/file'; a.download = 'x.exe'; a.click(); }, 20);</script>"
    )


def _file() -> Response:
    headers = (
        ("Content-Type", "application/octet-stream"),
        ("Content-Disposition", 'attachment; filename="x.exe"'),
    )
    return Response(status=200, body=b"MZ" + bytes(2**20), headers=headers)


def _endless() -> Response:
    page = _page("<p>and so on</p>" * 50)
    return Response(
        status=200, body=page.body, headers=page.headers, delivery=Delivery(endless=True)
    )


def _silent() -> Response:
    page = _page("<p>late</p>")
    return Response(
        status=200, body=page.body, headers=page.headers, delivery=Delivery(delay=600.0)
    )


def _memory() -> Response:
    return _page(
        "<script>const kept = []; setInterval(() => {"
        "kept.push(new Uint8Array(50 * 2 ** 20).fill(kept.length)); }, 10);</script>"
    )


def _busy() -> Response:
    return _page("<script>for (;;) {}</script>")


def _schemes() -> Response:
    urls = (
        "file:///etc/passwd",
        "chrome://version",
        "view-source:http://127.0.0.1",
        "about:srcdoc",
    )
    tags = "".join(f'<iframe src="{url}"></iframe><a href="{url}">{url}</a>' for url in urls)
    moves = "".join(f'try {{ location.href = "{url}" }} catch (error) {{}};' for url in urls)
    return _page(f"{tags}<script>{moves}</script>")


def _pictures() -> Response:
    tags = "".join(f'<img src="/hostile/picture.bmp?{at}" width="40">' for at in range(PICTURES))
    return _page(tags)


def _picture() -> Response:
    size = SIDE * SIDE * 4
    head = struct.pack("<2sIHHI", b"BM", 54 + size, 0, 0, 54)
    info = struct.pack("<IiiHHIIiiII", 40, SIDE, SIDE, 1, 32, 0, size, 2835, 2835, 0, 0)
    return Response(
        status=200, body=head + info + bytes(size), headers=(("Content-Type", "image/bmp"),)
    )


PAGES: dict[str, Callable[[], Response]] = {
    "redirect": _redirect,
    "refresh": _refresh,
    "script-moves": _script_moves,
    "private-parts": _private_parts,
    "windows": _windows,
    "dialogues": _dialogues,
    "downloads": _downloads,
    "file": _file,
    "endless": _endless,
    "silent": _silent,
    "memory": _memory,
    "busy": _busy,
    "schemes": _schemes,
    "pictures": _pictures,
}
