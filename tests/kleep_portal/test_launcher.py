"""`make run`: one command brings everything up, keeps it up, and takes everything down."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.portal import LAUNCH, Portal, environment, launched, printed_address
from tests.processes import ROOT, wait_until

pytestmark = [pytest.mark.broker, pytest.mark.embedded, pytest.mark.timeout(300)]

End = Callable[[Portal, list[psutil.Process]], None]  # what ends a portal, and sees that it did
SERVICES = ("broker", "worker", "beat", "web", "sandbox")


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A portal without an installed server: it must do with what its own packages bring."""
    var = tmp_path_factory.mktemp("launcher") / "var"
    return environment(var, embedded=True, from_nothing=True, BROKER_SERVER="packaged")


@pytest.fixture(scope="module")
def up(env: dict[str, str]) -> Iterator[Portal]:
    with launched(env) as portal:
        yield portal


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def is_running(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:  # it ended between the two questions
        return False


def launch(env: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    """A launcher that is expected to give up by itself."""
    return subprocess.run(
        LAUNCH, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120, check=False
    )


def test_it_prints_the_address_and_the_log_ins_when_everything_works(up: Portal) -> None:
    assert printed_address(up.process.said()) == up.url + "/"
    assert up.status("/readyz") == 200
    for who in ("merchant", "staff"):
        assert "  ".join(up.account(who)) in up.process.said()


def test_the_worker_for_the_browser_signs_before_it_is_asked(up: Portal) -> None:
    """Beat asks for the first time after two minutes."""
    ask = "from onboarding import looking; print(looking.worker_state())"

    def has_signed() -> bool:
        return up.manage("shell", "--no-imports", "-c", ask).strip() == "ready"

    wait_until(has_signed, seconds=60, what="the sign of the worker for the browser")


def test_only_the_owner_may_look_into_the_data_folder(up: Portal) -> None:
    assert mode(up.var) == 0o700
    assert mode(up.var / "keys.json") == mode(up.var / "demo.json") == 0o600
    assert mode(up.var / "broker.sock") == 0o600


def test_the_broker_listens_on_its_socket_alone(up: Portal) -> None:
    ports = psutil.Process(up.pid("broker")).net_connections(kind="inet")
    assert ports == []


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_that_is_killed_comes_back(up: Portal, service: str) -> None:
    killed = up.kill(service)
    up.process.wait_for(f"{service:<8} | ended (SIGKILL); starting it again", seconds=60)
    wait_until(lambda: up.pid_or_none(service) not in (None, killed), seconds=60, what=service)
    wait_until(lambda: up.status("/readyz") == 200, seconds=60, what="the portal")


def test_a_second_launcher_on_the_same_folder_says_so_and_goes(
    up: Portal, env: dict[str, str]
) -> None:
    second = launch({**env, "PORT": "0"})
    assert second.returncode == 1
    assert f"The portal already runs on {up.var} (process {up.process.pid})." in second.stderr
    assert up.status("/readyz") == 200


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        refused = launch(environment(tmp_path / "var", embedded=True, PORT=str(port)))
    assert refused.returncode == 1
    assert f"Port {port} is taken by other programs. Choose: make run PORT=8100" in refused.stderr


def test_without_any_broker_it_says_what_to_install(tmp_path: Path) -> None:
    refused = launch(environment(tmp_path / "var", embedded=True, BROKER_SERVER="no-such-server"))
    assert refused.returncode == 1
    assert "apt install redis-server" in refused.stderr


def frozen_and_killed(portal: Portal, family: list[psutil.Process]) -> None:
    """Its worker cannot even be told that its parent is gone: it stays."""
    frozen = psutil.Process(portal.pid("worker"))
    frozen.suspend()
    os.kill(portal.process.pid, signal.SIGKILL)
    portal.process.process.wait(timeout=30)
    assert is_running(frozen)


def killed(portal: Portal, family: list[psutil.Process]) -> None:
    """Without a word: its services end by themselves."""
    os.kill(portal.process.pid, signal.SIGKILL)
    wait_until(lambda: not any(map(is_running, family)), seconds=60, what="the services' end")


def stopped_by(number: signal.Signals) -> End:
    def end(portal: Portal, family: list[psutil.Process]) -> None:
        os.kill(portal.process.pid, number)
        assert portal.process.process.wait(timeout=60) == 0
        assert not any(map(is_running, family))

    return end


# Other systems do not end the services of a launcher that was killed; its next start does.
ENDS: list[End] = [frozen_and_killed, *([killed] if sys.platform == "linux" else [])]
ENDS += map(stopped_by, (signal.SIGINT, signal.SIGTERM, signal.SIGHUP))


@pytest.mark.timeout(600)
def test_however_it_ends_it_starts_again_with_its_data_and_nothing_is_left(tmp_path: Path) -> None:
    env = environment(tmp_path / "var", embedded=True)
    seen = []
    family: list[psutil.Process] = []
    for end in ENDS:
        with launched(env) as portal:
            assert not any(map(is_running, family))
            found = "processes that an earlier launcher left behind" in portal.process.said()
            assert found is (len(seen) == 1)  # only of the one that was frozen
            assert portal.status("/readyz") == 200
            seen.append(((portal.var / "keys.json").read_text(), portal.account("merchant")))
            family = portal.process.family()
            end(portal, family)
    assert seen == [seen[0]] * len(ENDS)
