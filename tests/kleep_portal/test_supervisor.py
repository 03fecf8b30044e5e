"""Services are kept running, shown, and stopped without a trace; real processes, killed for real."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import psutil
import pytest

from kleep_portal import orphans
from kleep_portal.supervisor import NotReadyError, Service, Supervisor
from tests.processes import wait_until

Said = list[tuple[str, str]]
NOTE = "import os, pathlib, sys, time; note = pathlib.Path(sys.argv[1]).open('a')\n"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True)\n"
SLEEP = "time.sleep(600)"


def python(code: str, *arguments: object) -> list[str]:
    return [sys.executable, "-c", code, *map(str, arguments)]


def supervise(folder: Path, story: Callable[[Supervisor], Awaitable[None]]) -> Said:
    """Tell the story with a supervisor, stop it, and return what was said."""
    said: Said = []

    async def whole() -> None:
        supervisor = Supervisor(folder=folder, env={}, say=lambda *words: said.append(words))
        try:
            await story(supervisor)
        finally:
            await supervisor.stop()

    asyncio.run(whole())
    return said


async def until(is_true: Callable[[], object], what: str) -> None:
    await asyncio.to_thread(wait_until, is_true, seconds=60, what=what)


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def is_gone(pid: str) -> bool:
    """Whether the process ended; who waits for it to be buried does not matter here."""
    try:
        return psutil.Process(int(pid)).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_a_service_that_is_killed_is_started_again_and_said_so(tmp_path: Path) -> None:
    pids = tmp_path / "pids"

    async def story(supervisor: Supervisor) -> None:
        command = python(NOTE + "print(os.getpid(), file=note, flush=True);" + SLEEP, pids)
        supervisor.start(Service(name="web", command=command))
        await until(lambda: len(lines(pids)) == 1, "the first start")
        os.kill(int(lines(pids)[0]), signal.SIGKILL)
        await until(lambda: len(lines(pids)) == 2, "the second start")

    said = supervise(tmp_path, story)
    assert said == [("web", "ended (SIGKILL); starting it again in 0.5 s")]
    wait_until(lambda: all(map(is_gone, lines(pids))), seconds=60, what="their end")


def test_a_service_that_keeps_dying_is_tried_less_and_less_often(tmp_path: Path) -> None:
    starts = tmp_path / "starts"
    code = NOTE + "print('start', file=note, flush=True); raise SystemExit(3)"

    async def story(supervisor: Supervisor) -> None:
        supervisor.start(Service(name="web", command=python(code, starts)))
        await until(lambda: len(lines(starts)) == 3, "the third start")

    assert supervise(tmp_path, story)[:2] == [
        ("web", "ended (exit code 3); starting it again in 0.5 s"),
        ("web", "ended (exit code 3); starting it again in 1 s"),
    ]


def test_what_others_need_is_stopped_after_them(tmp_path: Path) -> None:
    note = tmp_path / "note"
    code = (
        NOTE + "import signal\n"
        "def end(*_): print(sys.argv[2], 'ends', file=note, flush=True); sys.exit()\n"
        "signal.signal(signal.SIGTERM, end); print(sys.argv[2], file=note, flush=True);" + SLEEP
    )

    async def story(supervisor: Supervisor) -> None:
        for name in ("broker", "worker", "web"):
            service = Service(name=name, command=python(code, note, name), needed=name == "broker")
            supervisor.start(service)
            await until(lambda name=name: name in lines(note), name)

    supervise(tmp_path, story)
    assert lines(note)[:3] == ["broker", "worker", "web"]
    assert sorted(lines(note)[3:5]) == ["web ends", "worker ends"]
    assert lines(note)[5:] == ["broker ends"]


def test_the_others_are_not_kept_waiting_by_one_that_is_busy(tmp_path: Path) -> None:
    """Each of them is told to end before one of them has."""
    note = tmp_path / "note"
    code = (
        NOTE + "import signal\n"
        "def end(*_):\n"
        "    print('told', file=note, flush=True)\n"
        "    while pathlib.Path(sys.argv[1]).read_text().count('told') < 2: time.sleep(0.02)\n"
        "    sys.exit()\n"
        "signal.signal(signal.SIGTERM, end); print('up', file=note, flush=True);" + SLEEP
    )

    async def story(supervisor: Supervisor) -> None:
        for name in ("worker", "web"):
            supervisor.start(Service(name=name, command=python(code, note), patience=60))
        await until(lambda: lines(note) == ["up", "up"], "both")

    assert supervise(tmp_path, story) == []
    assert lines(note) == ["up", "up", "told", "told"]


def test_a_service_deaf_to_sigterm_is_killed_with_its_children(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    child = f"import subprocess; child = subprocess.Popen([sys.executable, '-c', {STUBBORN + SLEEP!r}])\n"
    code = NOTE + child + STUBBORN + "print(os.getpid(), child.pid, file=note, flush=True);" + SLEEP

    async def story(supervisor: Supervisor) -> None:
        supervisor.start(Service(name="worker", command=python(code, pids), patience=0.3))
        await until(lambda: lines(pids), "the children")

    said = supervise(tmp_path, story)
    assert ("worker", "still busy after 0.3 s: killed") in said
    wait_until(lambda: all(map(is_gone, lines(pids)[0].split())), seconds=60, what="their end")


def test_what_is_being_stopped_can_still_be_killed(tmp_path: Path) -> None:
    """Ctrl-C for the second time."""
    pids = tmp_path / "pids"
    code = NOTE + STUBBORN + "print(os.getpid(), file=note, flush=True);" + SLEEP

    async def story(supervisor: Supervisor) -> None:
        supervisor.start(Service(name="worker", command=python(code, pids), patience=300))
        await until(lambda: lines(pids), "the worker")
        stopping = asyncio.create_task(supervisor.stop())
        await asyncio.sleep(0.2)  # it was told to end, and is deaf
        supervisor.kill()
        await asyncio.wait_for(stopping, timeout=60)

    assert supervise(tmp_path, story) == [("worker", "deaf")]
    assert is_gone(lines(pids)[0])


def test_output_is_shown_under_its_name_and_kept_in_a_file(tmp_path: Path) -> None:
    async def story(supervisor: Supervisor) -> None:
        await supervisor.run("migrate", python("print('applied')"))

    assert supervise(tmp_path, story) == [("migrate", "applied")]
    assert lines(tmp_path / "logs/migrate.log") == ["applied"]


def test_a_step_that_fails_says_how_and_where_to_look(tmp_path: Path) -> None:
    async def story(supervisor: Supervisor) -> None:
        await supervisor.run("migrate", python("raise SystemExit(3)"))

    with pytest.raises(
        NotReadyError, match=r"migrate failed \(exit code 3\); see .*/logs/migrate\.log"
    ):
        supervise(tmp_path, story)


def test_a_service_that_does_not_come_up_in_time_is_named(tmp_path: Path) -> None:
    async def story(supervisor: Supervisor) -> None:
        async def never() -> bool:
            return False

        await supervisor.ready("web", never, seconds=0.1)

    with pytest.raises(NotReadyError, match=r"web is not up after 0\.1 s"):
        supervise(tmp_path, story)


def test_what_an_earlier_launcher_left_on_this_folder_is_ended_and_nothing_else(
    tmp_path: Path,
) -> None:
    mine, other, note = tmp_path / "mine", tmp_path / "other", tmp_path / "note"
    command = python(NOTE + "print('runs', file=note, flush=True);" + SLEEP, note)
    processes = {
        folder: subprocess.Popen(command, env={**os.environ, **orphans.mark(folder)})
        for folder in (mine, other)
    }
    wait_until(lambda: len(lines(note)) == 2, seconds=60, what="both to run")
    try:
        assert orphans.end(mine) == 1
        assert is_gone(str(processes[mine].pid))
        assert processes[other].poll() is None
    finally:
        for process in processes.values():
            process.kill()
            process.wait()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems end them at the next start")
def test_a_service_dies_with_a_launcher_that_is_killed(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    launcher = f"""
import asyncio, pathlib, sys
from kleep_portal.supervisor import Service, Supervisor
async def main():
    supervisor = Supervisor(folder=pathlib.Path(sys.argv[1]), env={{}}, say=print)
    code = {NOTE + "print(os.getpid(), file=note, flush=True);" + SLEEP!r}
    supervisor.start(Service(name="web", command=[sys.executable, "-c", code, sys.argv[2]]))
    await asyncio.sleep(600)
asyncio.run(main())
"""
    with subprocess.Popen(python(launcher, tmp_path, pids), stdout=subprocess.DEVNULL) as process:
        wait_until(lambda: lines(pids), seconds=60, what="the service")
        process.kill()
    wait_until(lambda: is_gone(lines(pids)[0]), seconds=60, what="its death")
