"""Pages that mean harm, in real Chromium: a run ends in time with a verdict, nothing private is reached."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from pytest_django import Settings

from onboarding.browser import family, running
from onboarding.browser.driver import MOST_POPUPS
from onboarding.browser.lines import Status
from tests.looks import MEGABYTE, found, job, lines
from tests.ssrf.doorbell import Doorbell, doorbell
from tests.storefront import Site, storefront

pytestmark = [pytest.mark.browser, pytest.mark.once]

ENDED = 20.0  # seconds
SECONDS = 60.0  # which no run needs but one that is ended by it: it has less
# A page of the storefront -> what is said of it. Without a button on it, that is missing, too.
MISSING = {"button": ["button_no_consent"]}
NEVER_THERE = {"page": ["page_timeout"]}
HOSTILE: dict[str, dict[str, list[str]]] = {
    "redirect": {"page": ["page_private"]},
    "refresh": {"page": ["page_private"]},
    "script-moves": {"page": ["page_private"]},
    "private-parts": MISSING,
    "windows": {"page": ["stopped_windows"]},
    "downloads": MISSING,
    "schemes": {"page": ["page_moved"]},
    "dialogues": NEVER_THERE,
    "file": {"page": ["page_download"]},
    "silent": NEVER_THERE,
    "endless": NEVER_THERE,
    "memory": {"page": ["stopped_memory"]},
    "pictures": {"page": ["stopped_bytes"]},
}
# Everything with which a page can ask; each goes to a port that only counts.
REACHING = """
<link rel="preconnect" href="http://127.0.0.1:PORT"><link rel="dns-prefetch" href="http://localhost:PORT">
<link rel="prefetch" href="http://127.0.0.1:PORT/prefetch"><link rel="preload" as="image" href="http://127.0.0.1:PORT/p">
<img src="http://127.0.0.1:PORT/image"><img src="http://localhost:PORT/image"><img src="http://[::1]:PORT/image">
<img src="http://2130706433:PORT/number"><img src="http://0x7f.1:PORT/number">
<iframe src="http://127.0.0.1:PORT/frame"></iframe><object data="http://127.0.0.1:PORT/object"></object>
<script src="http://127.0.0.1:PORT/script"></script><link rel="stylesheet" href="http://127.0.0.1:PORT/style">
<script type="speculationrules">{"prefetch": [{"source": "list", "urls": ["http://127.0.0.1:PORT/speculated"]}]}</script>
<script>
  const address = "127.0.0.1:PORT";
  fetch(`http://${address}/fetch`, {mode: "no-cors"}).catch(() => {});
  navigator.sendBeacon(`http://${address}/beacon`, "x");
  new EventSource(`http://${address}/events`);
  new WebSocket(`ws://${address}/socket`);
  const code = `fetch("http://${address}/worker", {mode: "no-cors"}).catch(() => {})`;
  new Worker(URL.createObjectURL(new Blob([code], {type: "text/javascript"})));
  if (navigator.serviceWorker) navigator.serviceWorker.register("/assets/shop.js").catch(() => {});
  const urls = [`stun:${address}`, `turn:${address}?transport=tcp`];
  const peer = new RTCPeerConnection({iceServers: [{urls,
    username: "x", credential: "x"}]});
  peer.createDataChannel("x");
  peer.createOffer().then((offer) => peer.setLocalDescription(offer));
  const form = document.createElement("form");
  form.action = `http://${address}/form`; form.target = "_blank"; form.method = "post";
  document.body.append(form);
  form.submit();
</script>
"""


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with storefront() as site:
        yield site


@pytest.fixture
def bell() -> Iterator[Doorbell]:
    with doorbell() as bell:
        yield bell


@pytest.fixture(autouse=True)
def limits(settings: Settings) -> None:
    settings.BROWSER_SECONDS = SECONDS
    settings.BROWSER_MEMORY_MB = 1_800


@pytest.fixture(autouse=True)
def nothing_left(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What a test started is gone when it ends, and so are its files."""
    with tempfile.TemporaryDirectory(
        prefix="kh-"
    ) as place:  # short: the browser makes sockets in it
        monkeypatch.setattr(tempfile, "tempdir", place)
        yield
        left = []
        for one in psutil.process_iter():
            with suppress(psutil.Error):
                if place in " ".join([*one.cmdline(), one.environ().get("HOME", "")]):
                    left.append(one)
        # What is ended gives its memory back, of which a hostile page may have taken much.
        assert psutil.wait_procs(left, timeout=ENDED)[1] == []
        assert list(Path(place).iterdir()) == []
        monkeypatch.undo()


@pytest.mark.parametrize(("name", "expected"), HOSTILE.items(), ids=list(HOSTILE))
def test_a_hostile_page_ends_in_time_with_its_verdict(
    site: Site, name: str, expected: dict[str, list[str]]
) -> None:
    asked = job(
        site,
        f"{site.url}/hostile/{name}",
        screens=("desktop",),
        patience=1.0,
        opening=4.0 if expected == NEVER_THERE else 30.0,
        max_bytes=40 * MEGABYTE if name == "pictures" else 2_000 * MEGABYTE,
    )
    began = time.monotonic()
    with running.looked_at(asked) as (observed, folder):
        assert time.monotonic() - began < SECONDS + 15
        assert observed.error == ""
        assert found(observed, asked) == expected
        assert [path for path in folder.rglob("*") if path.suffix == ".exe"] == []
        assert all(view.popups < 10 * MOST_POPUPS for view in observed.views)


def test_a_page_that_never_gives_the_processor_back_is_ended(
    site: Site, settings: Settings
) -> None:
    settings.BROWSER_SECONDS = 12.0
    asked = job(site, f"{site.url}/hostile/busy", opening=60.0)
    with running.looked_at(asked) as (observed, _folder):
        assert found(observed, asked) == {"page": ["stopped_time"]}
        assert {line.status for line in lines(observed, asked)[1:]} == {Status.NOT_TESTED}


def test_nothing_private_is_reached_by_any_means(site: Site, bell: Doorbell) -> None:
    site.shop.pasted = REACHING.replace("PORT", str(bell.port))
    asked = job(site, f"{site.url}/pasted", screens=("desktop",), patience=1.0)
    with running.looked_at(asked) as (observed, _folder):
        assert observed.views[0].status == 200
        refused = {one.host for one in observed.refusals if one.code == "private_address"}
    assert f"127.0.0.1:{bell.port}" in refused
    assert f"[::1]:{bell.port}" in refused or f"::1:{bell.port}" in refused
    assert bell.rings() == 0


def test_a_redirect_to_the_counted_port_reaches_it_neither(site: Site, bell: Doorbell) -> None:
    site.shop.pasted = f'<script>location.href = "http://127.0.0.1:{bell.port}/"</script>'
    asked = job(site, f"{site.url}/pasted", screens=("desktop",), patience=1.0)
    with running.looked_at(asked) as (observed, _folder):
        assert found(observed, asked) == {"page": ["page_private"]}
    assert bell.rings() == 0


def test_the_browsers_process_is_given_no_key(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENCRYPTION_KEYS", "a-key-that-must-not-be-there")
    seen: set[str] = set()
    living = family.living

    def watched(pid: int) -> list[psutil.Process]:
        found = living(pid)
        for one in found:
            with suppress(psutil.Error):
                seen.update(one.environ())
        return found

    monkeypatch.setattr(family, "living", watched)
    with running.looked_at(job(site, site.page("missing"), screens=("desktop",))) as (observed, _):
        assert observed.views[0].status == 200
    assert "HOME" in seen
    assert seen & {"ENCRYPTION_KEYS", "SECRET_KEY", "PSEUDONYM_KEY", "DATABASE_URL"} == set()
