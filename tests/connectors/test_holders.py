"""A process is said to be gone only where that is certain."""

import os
import subprocess
import sys

import pytest

from connectors import holders
from tests.processes import wait_until

TELL = """
import sys
from connectors import holders
print(holders.this_process(), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def other() -> "subprocess.Popen[str]":
    """A process that told who it is and lives until its input is closed."""
    with subprocess.Popen(
        [sys.executable, "-c", TELL], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        process.kill()


def test_a_process_that_lives_is_not_gone(other):
    mine, theirs = holders.this_process(), other.stdout.readline().strip()
    assert mine != theirs
    assert mine.split(":")[-2] == str(os.getpid())
    assert len(mine) <= 100
    assert not holders.is_gone(mine)
    assert not holders.is_gone(theirs)


def test_a_process_that_was_killed_is_gone_before_its_parent_looks(other):
    theirs = other.stdout.readline().strip()
    other.kill()
    wait_until(lambda: holders.is_gone(theirs), seconds=60, what="the end of the process")
    other.wait()
    assert holders.is_gone(theirs)


def test_another_process_of_the_same_number_is_not_the_holder():
    begin, _, started = holders.this_process().rpartition(":")
    assert holders.is_gone(f"{begin}:{int(started) - 1}")


@pytest.mark.parametrize(
    "holder",
    [
        "",
        ":",
        "somebody",
        "5f0c0000-0000-0000-0000-000000000000:pid:[4026531836]:999999999:1",  # another machine, or boot
    ],
)
def test_what_cannot_be_known_is_not_gone(holder):
    assert not holders.is_gone(holder)


def test_another_namespace_of_processes_is_another_world():
    boot, pid, _namespace, number, started = holders.this_process().split(":")
    assert not holders.is_gone(f"{boot}:{pid}:[1]:{number}0:{started}")


def test_without_proc_nothing_is_known(tmp_path, monkeypatch):
    mine = holders.this_process()
    monkeypatch.setattr(holders, "PROC", tmp_path)
    holders._world.cache_clear()
    assert holders.this_process() == ""
    assert not holders.is_gone(mine)
    monkeypatch.undo()
    holders._world.cache_clear()
