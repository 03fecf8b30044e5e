"""What a disturbed run came to, said on the terminal and kept for docs/faults.md."""

import json
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import pytest

KEPT = "CHAOS_OUTCOMES"  # a file with one outcome per line, where somebody wants them


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """`lost`: rows that the shop has and we do not, or not as they are; `doubled`: those counted twice."""

    what: str
    seed: int
    injected: Mapping[str, int]
    requests: int
    rows: int
    lost: int
    doubled: int
    seconds: float
    kills: Mapping[str, int] = field(default_factory=dict)

    def say(self, capsys: pytest.CaptureFixture[str]) -> None:
        faults, kills = sum(self.injected.values()), sum(self.kills.values())
        with capsys.disabled():
            print(  # noqa: T201
                f"\n  {self.what}, seed {self.seed}: {faults} faults of {len(self.injected)} kinds in"
                f" {self.requests} requests, {kills} kills and restarts, {self.rows} rows,"
                f" {self.lost} lost, {self.doubled} doubled, {self.seconds:.1f} s",
                end=" ",
            )
        if path := os.environ.get(KEPT):
            with Path(path).open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(self)) + "\n")


@dataclass(frozen=True)
class Summary:
    """Many outcomes together."""

    what: str
    runs: int
    injected: Counter[str]
    kills: Counter[str]
    requests: int
    rows: int
    lost: int
    doubled: int
    seconds: float


def read(path: Path) -> list[Outcome]:
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [Outcome(**json.loads(line)) for line in lines]


def summaries(outcomes: list[Outcome]) -> list[Summary]:
    by_kind: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        by_kind.setdefault(outcome.what, []).append(outcome)
    return [_summary(what, found) for what, found in by_kind.items()]


def _summary(what: str, found: list[Outcome]) -> Summary:
    injected: Counter[str] = Counter()
    kills: Counter[str] = Counter()
    for outcome in found:
        injected.update(outcome.injected)
        kills.update(outcome.kills)
    return Summary(
        what,
        len(found),
        injected,
        kills,
        sum(one.requests for one in found),
        sum(one.rows for one in found),
        sum(one.lost for one in found),
        sum(one.doubled for one in found),
        sum(one.seconds for one in found),
    )
