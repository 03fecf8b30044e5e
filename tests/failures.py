"""What failed in a round of pytest, told once more at the very end of the whole run.

The end is often all that is kept of a run, and after the first round comes another one.
"""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest

FILE = "TESTS_FAILURES"  # in the environment: where the plugin below keeps them
LINES = 12


@dataclass(frozen=True)
class Failure:
    test: str
    said: str


def kept(path: Path) -> list[Failure]:
    lines = path.read_text().splitlines() if path.exists() else []
    return [Failure(**json.loads(line)) for line in lines]


def told(failure: Failure) -> str:
    """What an assertion said and where; of anything else, its end."""
    lines = [line for line in failure.said.splitlines() if line.strip()]
    asserted = [line for line in lines if line.startswith("E ")]
    essence = [*asserted[: LINES - 1], *lines[-1:]] if asserted else lines[-LINES:]
    return "\n".join([f"FAILED {failure.test}", *essence])


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # in the process that hears of every test
        config.pluginmanager.register(Keeping(Path(os.environ[FILE])))


class Keeping:
    """A plugin of pytest: one JSON document a line for each test or file that failed."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._keep(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self._keep(report)

    def _keep(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        if report.failed:
            with self.path.open("a") as file:
                file.write(json.dumps(asdict(Failure(report.nodeid, report.longreprtext))) + "\n")
