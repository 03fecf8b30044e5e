"""What each kind of data is read from, where a shop has several sources for it, as its last check tells."""

from dataclasses import dataclass

from connectors import choosing
from connectors.arrivals import LABELS
from connectors.base import Resource
from connectors.models import Check, CheckLine

Status = CheckLine.Status


@dataclass(frozen=True, kw_only=True)
class Source:
    """What a kind of data is read from. `label` blank: from nothing; `lacks`: what is not allowed yet.

    `is_absent`: the shop has it nowhere, or it was chosen not to be read.
    """

    dataset: str
    label: str
    lacks: str
    is_absent: bool


def of(check: Check) -> list[Source]:
    """Of the data for which there is more than one source, once the check is over."""
    if check.finished_at is None:
        return []
    found = choosing.sources(check.connection)
    return [_source(check, name, resource) for name, resource in found.items()]


def _source(check: Check, dataset: str, resource: Resource | None) -> Source:
    connector = check.connection.connector_class
    decided = connector.decided(check.connection.config)
    giving = [
        one
        for one in connector.resources
        if one.dataset and one.dataset.name == dataset and decided.get(one.name, True)
    ]
    found = {line.resource: line.status for line in check.lines.all()}
    lacking = [one for one in giving if found.get(one.name) == Status.MISSING_PERMISSION]
    return Source(
        dataset=str(LABELS[dataset]),
        label=str(resource.label) if resource else "",
        lacks=str(lacking[0].label) if lacking else "",
        is_absent=all(found.get(one.name) == Status.NOT_AVAILABLE for one in giving),
    )
