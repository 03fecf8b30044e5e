"""Which column of a file is which of ours: by our name, by another usual one, or by what was answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from connectors.datasets import DATASETS, Column, Dataset
from connectors.files.detect import simple
from connectors.files.refusals import RefusedError
from connectors.files.synonyms import SYNONYMS


@dataclass(frozen=True, kw_only=True)
class Matched:
    """`positions`: where in a row each of our columns stands. `columns`: {heading: our column or ""}."""

    positions: dict[str, int]
    columns: dict[str, str]
    missing: list[str] = field(default_factory=list)  # required, and nowhere
    unknown: list[str] = field(default_factory=list)  # headings that mean nothing to us


def match(header: Sequence[str], dataset: Dataset, mapping: Mapping[str, str]) -> Matched:
    """`mapping`: {heading, simplified: our column or ""} as it was answered; it goes before our own ideas.

    Raises RefusedError where the header or the mapping names a column twice.
    """
    headings = [simple(heading) for heading in header]
    answered = {simple(heading): column for heading, column in mapping.items()}
    positions: dict[str, int] = {}
    for at, heading in enumerate(headings):
        column = answered.get(heading, "")
        if column:
            _take(positions, column, at, header, code="mapped_twice")
    names = [column.name for column in dataset.columns if column.name not in positions]
    free = {at for at, heading in enumerate(headings) if heading and heading not in answered}
    for candidates in (
        zip(*(_candidates(dataset, name) for name in names), strict=True) if names else ()
    ):
        for name, spelled in zip(names, candidates, strict=True):
            _find(positions, name, spelled, headings, free, header)
    return _matched(header, dataset, positions)


def _candidates(dataset: Dataset, name: str) -> tuple[frozenset[str], frozenset[str]]:
    """Our own name, looked for first in all columns; then what else it is called."""
    others = (*SYNONYMS.get(name, ()), *SYNONYMS.get(f"{dataset.name}.{name}", ()))
    return frozenset({simple(name)}), frozenset(map(simple, others))


def _find(
    positions: dict[str, int],
    name: str,
    spelled: frozenset[str],
    headings: Sequence[str],
    free: set[int],
    header: Sequence[str],
) -> None:
    found = sorted(at for at in free if headings[at] in spelled)
    if name in positions or not found:
        return
    twice = [at for at in found[1:] if headings[at] == headings[found[0]]]
    if twice:
        raise RefusedError("repeated_heading", heading=header[twice[0]])
    positions[name] = found[0]
    free.discard(found[0])


def _take(
    positions: dict[str, int], column: str, at: int, header: Sequence[str], *, code: str
) -> None:
    if column in positions:
        raise RefusedError(code, column=column, heading=header[at])
    positions[column] = at


def _matched(header: Sequence[str], dataset: Dataset, positions: dict[str, int]) -> Matched:
    names = {at: name for name, at in positions.items()}
    return Matched(
        positions=positions,
        columns={heading: names.get(at, "") for at, heading in enumerate(header) if heading},
        missing=[
            column.name
            for column in dataset.columns
            if is_needed(column) and column.name not in positions
        ],
        unknown=[heading for at, heading in enumerate(header) if heading and at not in names],
    )


def is_needed(column: Column) -> bool:
    """Whether a file must have it: required, and nothing is assumed in its place."""
    return column.required and not column.assumed


def known_names(dataset: Dataset | None = None) -> frozenset[str]:
    """Every simplified heading that means something; of one dataset, or of all."""
    chosen = [dataset] if dataset else DATASETS.values()
    return frozenset(
        spelled
        for one in chosen
        for column in one.columns
        for names in _candidates(one, column.name)
        for spelled in names
    )


def likely_datasets(header: Sequence[str]) -> list[str]:
    """Which dataset a header is of, the likeliest first."""

    def merit(name: str) -> tuple[float, int]:
        needed = sum(map(is_needed, DATASETS[name].columns))
        try:
            found = match(header, DATASETS[name], {})
        except RefusedError:
            return 0, 0
        return (needed - len(found.missing)) / needed, len(found.positions)

    return sorted(DATASETS, key=merit, reverse=True)


def better_dataset(header: Sequence[str], matched: Matched) -> str:
    """One of which a header has all that is needed, and more columns than were matched; blank: none."""
    most, better = len(matched.positions), ""
    for name, dataset in DATASETS.items():
        try:
            found = match(header, dataset, {})
        except RefusedError:
            continue
        if not found.missing and len(found.positions) > most:
            most, better = len(found.positions), name
    return better
