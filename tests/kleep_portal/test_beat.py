"""Several machines may start a beat: one of them is at it, and another takes over when it goes."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests import servers
from tests.processes import Running, running, wait_until

pytestmark = [pytest.mark.broker, pytest.mark.once, pytest.mark.timeout(400)]

AT_IT, SENT = "Acquired lock", "Sending due task queue-due"
BEAT = [sys.executable, "-m", "celery", "--app", "kleep_portal.celery", "beat", "--pidfile="]


@pytest.fixture
def redis_url() -> Iterator[str]:
    with servers.redis() as url:
        yield url


def _beat(folder: Path, name: str, redis_url: str) -> AbstractContextManager[Running]:
    urls = {"CELERY_BROKER_URL": f"{redis_url}/0", "CACHE_URL": f"{redis_url}/1"}
    own = {"PORTAL_VAR": str(folder / name), "QUEUE_DUE_SECONDS": "0.5", "BEAT_LOCK_SECONDS": "8"}
    env = {**os.environ, **urls, **own, "DJANGO_SETTINGS_MODULE": "kleep_portal.settings"}
    env.pop("PROMETHEUS_MULTIPROC_DIR", None)
    return running([*BEAT, "--loglevel", "INFO"], output=folder / f"{name}.log", env=env)


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGKILL])
def test_one_of_two_beats_sends_and_the_other_takes_over(
    tmp_path: Path, redis_url: str, ending: signal.Signals
) -> None:
    with _beat(tmp_path, "first", redis_url) as first:
        first.wait_for(SENT, seconds=90)
        with _beat(tmp_path, "second", redis_url) as second:
            second.wait_for("beat: Starting", seconds=90)
            sent = first.said().count(SENT)
            wait_until(lambda: first.said().count(SENT) > sent + 2, seconds=90, what="two more")
            assert AT_IT not in second.said()
            first.process.send_signal(ending)
            second.wait_for(SENT, seconds=90)
            assert AT_IT in second.said()
