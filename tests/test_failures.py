"""What failed is kept by the process that hears of every test, and told with what it said."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import failures
from tests.failures import Failure, kept, told
from tests.processes import ROOT


@pytest.mark.parametrize("options", [(), ("-p", "xdist", "-n", "2")], ids=["one", "two processes"])
def test_what_fails_is_kept(tmp_path: Path, options: tuple[str, ...]) -> None:
    source = "def test_right(): pass\ndef test_wrong():\n    assert 'one' == 'two'\n"
    (tmp_path / "test_it.py").write_text(source)
    [failure] = failures_of(tmp_path, *options)
    assert failure.test == "test_it.py::test_wrong"
    assert "E       AssertionError: assert 'one' == 'two'" in told(failure)


def test_a_file_that_cannot_be_read_is_kept(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text("import nothing_of_this_name")
    [failure] = failures_of(tmp_path)
    assert failure.test == "test_it.py"
    assert "No module named 'nothing_of_this_name'" in told(failure)


def test_a_long_story_is_told_by_its_essence() -> None:
    asserted = [f"E   line {number}" for number in range(50)]
    long = Failure(
        "test_it.py::test", "\n".join(["source"] * 99 + asserted + ["test_it.py:9: Error"])
    )
    assert told(long).splitlines() == [
        "FAILED test_it.py::test",
        *asserted[:11],
        "test_it.py:9: Error",
    ]
    crashed = Failure("test_it.py::test", "\n".join(str(number) for number in range(50)))
    assert told(crashed).splitlines()[1:] == [str(number) for number in range(38, 50)]


def failures_of(folder: Path, *options: str) -> list[Failure]:
    """Of a run of pytest in the folder, without the plugins of this suite."""
    (folder / "pytest.ini").touch()
    path = folder / "failures"
    env = {"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""}
    env[failures.FILE] = str(path)
    command = [sys.executable, "-m", "pytest", "-q", "-p", failures.__name__, *options]
    subprocess.run(command, cwd=folder, env=os.environ | env, capture_output=True, check=False)
    return kept(path)
