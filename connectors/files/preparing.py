"""Before the rows are checked: what the file says of itself, and what must be asked."""

import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import BinaryIO

from connectors.datasets import DATASETS, Dataset, Type
from connectors.files import columns, detect
from connectors.files.columns import Matched
from connectors.files.detect import SAMPLE, Traits
from connectors.files.layout import Layout, Question
from connectors.files.reading import batches
from connectors.files.refusals import RefusedError
from connectors.files.report import HEADINGS

Open = Callable[
    [], AbstractContextManager[tuple[BinaryIO, str]]
]  # the bytes, and what they came in

LOOKED_AT = 20  # batches in which the decimal mark is looked for
IS_DATA = re.compile(r"[-+]?[\d.,/: -]+|https?://.*|\S+@\S+", re.IGNORECASE)
COMMA = re.compile(r"-?(\d+,(\d{1,2}|\d{4,})|\d{1,3}(\.\d{3})+,\d+)\D*")
POINT = re.compile(r"-?(\d+\.(\d{1,2}|\d{4,})|\d{1,3}(,\d{3})+\.\d+)\D*")


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """`header`: without the columns of our own report. Where there are questions, no row was looked at."""

    layout: Layout
    traits: Traits
    header: tuple[str, ...]
    matched: Matched = field(default_factory=lambda: Matched(positions={}, columns={}))
    questions: tuple[Question, ...] = ()


def prepare(open_file: Open, dataset: Dataset | None, mapping: Mapping[str, str]) -> Prepared:
    """Raises RefusedError."""
    with open_file() as (stream, container):
        traits = detect.scan(stream)
    with open_file() as (stream, _container):
        sample = stream.read(SAMPLE)
    names = columns.known_names(dataset) | {detect.simple(heading) for heading in mapping}
    layout = detect.find_layout(sample, encoding=traits.encoding, names=names, container=container)
    header = layout.header[len(HEADINGS) :] if layout.is_report else layout.header
    prepared = Prepared(layout=layout, traits=traits, header=header)
    if dataset is None:
        return _with_question(prepared, _which_dataset(header))
    return _matched(open_file, prepared, dataset, mapping)


def _which_dataset(header: tuple[str, ...]) -> Question:
    return Question(kind="dataset", choices=columns.likely_datasets(header))


def _matched(
    open_file: Open, prepared: Prepared, dataset: Dataset, mapping: Mapping[str, str]
) -> Prepared:
    header = prepared.header
    if len(header) < 2:
        raise RefusedError("one_column")
    matched = columns.match(header, dataset, mapping)
    if not matched.positions and any(map(IS_DATA.fullmatch, header)):
        raise RefusedError("no_header")
    if matched.missing and (likely := columns.better_dataset(header, matched)):
        raise RefusedError("other_dataset", likely=likely, sent=dataset.name)
    if len(matched.missing) > len(matched.unknown):
        raise RefusedError("missing_columns", columns=", ".join(matched.missing))
    prepared = replace(prepared, matched=matched)
    if matched.missing:
        question = Question(kind="columns", missing=matched.missing, choices=matched.unknown)
        return _with_question(prepared, question)
    decimal = _decimal(open_file, prepared, dataset)
    return replace(prepared, layout=replace(prepared.layout, decimal=decimal))


def _with_question(prepared: Prepared, question: Question) -> Prepared:
    return replace(prepared, questions=(*prepared.questions, question))


def _decimal(open_file: Open, prepared: Prepared, dataset: Dataset) -> str:
    """The mark that most numbers of the first rows can only have."""
    numeric = {column.name for column in dataset.columns if column.type is Type.DECIMAL}
    places = [at for name, at in prepared.matched.positions.items() if name in numeric]
    commas = points = 0
    with open_file() as (stream, _container):
        for batch in islice(batches(stream, prepared.layout), LOOKED_AT):
            cells = [row[at].strip() for row in batch.rows for at in places if at < len(row)]
            commas += sum(map(bool, map(COMMA.fullmatch, cells)))
            points += sum(map(bool, map(POINT.fullmatch, cells)))
    if commas == points:  # of 1,234 alone nobody can tell; where a semicolon separates, a comma can
        return "," if prepared.layout.delimiter == ";" and not points else "."
    return "," if commas > points else "."


def dataset_of(name: str) -> Dataset | None:
    return DATASETS.get(name)
