"""Whether what was pulled is good enough for Kleep to calibrate: measures in numbers and in plain words.

The numbers come from readiness_facts.py, the thresholds and the words from readiness_rules.py.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from connectors import readiness_facts
from connectors.arrivals import LABELS, Arrival
from connectors.datasets import DATASETS, DIMENSIONS
from connectors.formats import iso
from connectors.models import Connection
from connectors.readiness_facts import COVERED, Facts
from connectors.readiness_rules import (
    FRESH,
    FRESH_BLOCKING,
    FRESHNESS_NEXT,
    NEEDED_FRESH,
    RULES,
    Rule,
    Verdict,
    percent,
    whole,
)


@dataclass(frozen=True, kw_only=True)
class Measure:
    """`share`: number of `of`; both None where the number is no part of something."""

    name: str
    number: int
    of: int | None = None
    share: float | None = None
    verdict: Verdict
    sentence: str  # in the language that was active when it was measured
    next_step: str = ""

    @property
    def is_good(self) -> bool:
        return self.verdict is Verdict.GOOD

    @property
    def blocks(self) -> bool:
        return self.verdict is Verdict.BLOCKS


@dataclass(frozen=True, kw_only=True)
class Freshness:
    """One dataset: its rows, when the shop was last read to the end for it, its latest change there."""

    dataset: str
    rows: int
    looked_at: datetime | None
    newest: datetime | None
    hours: int | None  # since looked_at
    verdict: Verdict


@dataclass(frozen=True, kw_only=True)
class Filled:
    """How many rows of a dataset have a value in a column."""

    column: str
    rows: int
    of: int

    @property
    def share(self) -> float | None:
        return self.rows / self.of if self.of else None


@dataclass(frozen=True, kw_only=True)
class Readiness:
    """`volumes` and `coverage` by dataset; months are "2026-01", those without rows are left out."""

    measured_at: datetime
    measures: tuple[Measure, ...]
    freshness: tuple[Freshness, ...]
    volumes: dict[str, dict[str, int]]
    coverage: dict[str, tuple[Filled, ...]]

    @property
    def is_ok(self) -> bool:
        """Whether nothing holds the go-live up."""
        return not any(measure.blocks for measure in self.measures)

    def to_json(self) -> dict[str, Any]:
        """What `manage.py readiness SHOP --json` and readiness.json say, beside the shop's name."""
        return {
            "ok": self.is_ok,
            "measured_at": iso(self.measured_at),
            "measures": [_measure_json(measure) for measure in self.measures],
            "freshness": [_freshness_json(line) for line in self.freshness],
            "volumes": self.volumes,
            "coverage": {
                name: [{**asdict(line), "share": _rounded(line.share)} for line in lines]
                for name, lines in self.coverage.items()
            },
        }


def measure(connection: Connection, scope: str = "") -> Readiness:
    """Measure now. `scope`: the store view; "" or one never pulled means the connection's first."""
    return judge(readiness_facts.collect(connection, scope), now=timezone.now())


def judge(facts: Facts, *, now: datetime) -> Readiness:
    """The same facts at the same time give the same words. Touches nothing."""
    freshness = tuple(
        _freshness(name, facts.arrivals[name], now)
        for name in facts.arrivals
        if name != DIMENSIONS.name
    )
    return Readiness(
        measured_at=now,
        measures=(*_measures(facts), *_of_freshness(freshness)),
        freshness=freshness,
        volumes=facts.volumes,
        coverage={name: tuple(_coverage(facts, name)) for name in COVERED},
    )


def _measures(facts: Facts) -> Iterator[Measure]:
    counted: dict[str, tuple[int, int | None]] = {
        "variants_without_size": (facts.variants_without_size, facts.variants),
        "products_with_one_variant": (facts.products_with_one_variant, facts.products),
        "order_lines_of_unknown_products": (facts.order_lines_unknown, facts.order_lines),
        "months_of_history": (len(facts.volumes.get("orders", ())), None),
        "returns_matched_to_an_order_line": (facts.returns_matched, facts.returns),
        "returns_with_a_reason": (facts.returns_with_reason, facts.returns),
    }
    for rule in RULES:
        number, of = counted[rule.name]
        yield _measure(rule, number, of)


def _measure(rule: Rule, number: int, of: int | None) -> Measure:
    if of == 0:
        return Measure(
            name=rule.name, number=0, of=0, verdict=rule.when_empty, sentence=str(rule.empty)
        )
    share = number / of if of is not None else None
    verdict = rule.limits.judge(number if share is None else share)
    words = {
        "number": whole(number),
        "of": "" if of is None else whole(of),
        "share": "" if share is None else percent(share),
    }
    return Measure(
        name=rule.name,
        number=number,
        of=of,
        share=share,
        verdict=verdict,
        sentence=str(rule.sentence) % words,
        next_step="" if verdict is Verdict.GOOD else str(rule.next_step),
    )


def _freshness(name: str, arrival: Arrival, now: datetime) -> Freshness:
    limits = FRESH_BLOCKING if name in NEEDED_FRESH else FRESH
    hours = (
        max(0, int((now - arrival.looked_at).total_seconds() // 3600))
        if arrival.looked_at
        else None
    )
    return Freshness(
        dataset=name,
        rows=arrival.rows,
        looked_at=arrival.looked_at,
        newest=arrival.newest,
        hours=hours,
        # What never arrived is not old: the other measures say that it is missing.
        verdict=Verdict.GOOD if hours is None else limits.judge(hours),
    )


def _of_freshness(lines: tuple[Freshness, ...]) -> Iterator[Measure]:
    """One measure per dataset that was read at all."""
    for line in lines:
        if line.hours is not None:
            yield Measure(
                name=f"freshness_of_{line.dataset}",
                number=line.hours,
                verdict=line.verdict,
                sentence=_("Hours since the last complete reading (%(dataset)s): %(number)s.")
                % {"dataset": LABELS[line.dataset], "number": whole(line.hours)},
                next_step="" if line.verdict is Verdict.GOOD else str(FRESHNESS_NEXT),
            )


def _coverage(facts: Facts, name: str) -> Iterator[Filled]:
    of = {"products": facts.variants, "orders": facts.order_lines, "returns": facts.returns}[name]
    filled = facts.filled.get(name, {})
    for column in DATASETS[name].columns:
        if column.name in filled:
            yield Filled(column=column.name, rows=filled[column.name], of=of)


def _measure_json(measure: Measure) -> dict[str, Any]:
    """`severity` of what is good is that it does not block."""
    severity = Verdict.BLOCKS if measure.blocks else Verdict.DOES_NOT_BLOCK
    return {
        "name": measure.name,
        "ok": measure.is_good,
        "severity": str(severity),
        "number": measure.number,
        "of": measure.of,
        "share": _rounded(measure.share),
        "sentence": measure.sentence,
        "next": measure.next_step,
    }


def _freshness_json(line: Freshness) -> dict[str, Any]:
    return {
        "dataset": line.dataset,
        "rows": line.rows,
        "looked_at": iso(line.looked_at) if line.looked_at else None,
        "newest": iso(line.newest) if line.newest else None,
        "hours": line.hours,
    }


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)
