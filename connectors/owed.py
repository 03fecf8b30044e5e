"""Which datasets a shop owes as files: what its API does not give, or what was chosen to come so."""

from dataclasses import dataclass
from enum import StrEnum

from connectors.base import Resource
from connectors.datasets import ORDERS, PRODUCTS, RETURN_REASONS, RETURNS, Dataset
from connectors.models import Check, CheckLine, Connection

NEEDED = (PRODUCTS, ORDERS, RETURNS)
ABSENT = CheckLine.Status.NOT_AVAILABLE


class Reason(StrEnum):
    NO_API = "no_api"  # the shop has none that we know, or not yet
    NOT_OFFERED = "not_offered"  # no shop of this platform gives it
    NOT_IN_EDITION = "not_in_edition"  # the check found that this shop does not
    CHOSEN = "chosen"  # somebody said that it comes as files
    EXTERNAL = "external"  # another company handles the returns: its export comes as files


@dataclass(frozen=True, kw_only=True)
class Owed:
    """`is_needed`: Kleep cannot calibrate without it."""

    dataset: Dataset
    reason: Reason
    is_needed: bool = True


def owed(connection: Connection | None, check: Check | None) -> list[Owed]:
    """In the order of the declarations; `check`: the connection's newest one.

    The reasons for returns are welcome where returns come as files.
    """
    lines = {line.resource: line.status for line in check.lines.all()} if check else {}
    found = [
        Owed(dataset=dataset, reason=reason)
        for dataset in NEEDED
        if (reason := _reason(connection, dataset, lines))
    ]
    for one in found:
        if one.dataset is RETURNS:
            reasons = Owed(dataset=RETURN_REASONS, reason=one.reason, is_needed=False)
            return [*found, reasons]
    return found


def _reason(
    connection: Connection | None, dataset: Dataset, lines: dict[str, str]
) -> Reason | None:
    if connection is None or not connection.has_api:
        return Reason.NO_API
    platform = connection.connector_class
    giving = [resource for resource in platform.resources if resource.dataset is dataset]
    if not giving:
        return Reason.NOT_OFFERED
    decided = platform.decided(connection.config)
    if all(decided.get(resource.name, True) is False for resource in giving):
        return _chosen(connection, dataset)
    if any(decided.get(resource.name) for resource in giving):
        return None
    return Reason.NOT_IN_EDITION if _is_absent(giving, lines) else None


def _chosen(connection: Connection, dataset: Dataset) -> Reason:
    given = connection.config.get(dataset.name)
    source = given.get("source") if isinstance(given, dict) else None
    return Reason.EXTERNAL if source == Reason.EXTERNAL else Reason.CHOSEN


def _is_absent(giving: list[Resource], lines: dict[str, str]) -> bool:
    """A permission that is missing is no file that is owed: it can be given."""
    return all(lines.get(resource.name) == ABSENT for resource in giving)
