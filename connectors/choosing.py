"""Which resources of a shop are pulled, where one stands in for another: returns or credit memos, for one.

Nothing of it is stored. What the configuration decides goes first, then what the last check found, then what
was pulled before; where all are silent the shop is asked.
"""

from collections.abc import Callable
from functools import cache

from django.db import transaction
from django.utils import timezone

from connectors.base import Connector, Resource
from connectors.errors import NotAvailableError, PermissionMissingError
from connectors.models import TABLES, CheckLine, Connection, Cursor

Status = CheckLine.Status
REFUSED = (Status.NOT_AVAILABLE, Status.MISSING_PERMISSION)

Gives = Callable[[str], bool]


def wanted(connection: Connection, connector: Connector | None = None) -> list[Resource]:
    """The resources to pull, in the platform's order.

    `connector`: asks the shop for what nothing tells yet; without it, it is taken to be there.
    """
    resources = connection.connector_class.resources
    gives = _gives(connection, connector)
    return [
        one for one in resources if one.dataset is not None and _is_wanted(one, gives, resources)
    ]


def sources(connection: Connection) -> dict[str, Resource | None]:
    """For each dataset that several resources may give: the one that it is pulled from, None for none."""
    resources = connection.connector_class.resources
    chosen = {one.dataset: one for one in wanted(connection)}
    return {
        one.dataset.name: chosen.get(one.dataset)
        for one in resources
        if one.instead_of and one.dataset is not None
    }


def settle(connection: Connection, chosen: list[Resource]) -> None:
    """Give up the sources that are no longer chosen: their rows would be counted twice.

    They are marked as deleted, and the dataset is read again from its beginning.
    """
    names = {resource.name for resource in chosen}
    mine = Cursor.objects.filter(connection=connection)
    for resource in connection.connector_class.resources:
        dataset = resource.dataset
        if dataset is None or resource.name in names:
            continue
        given_up = mine.filter(resource=resource.name)
        if not given_up.exclude(position_at=None).exists():
            given_up.update(due_at=None)
            continue
        alike = [one.name for one in connection.connector_class.resources if one.dataset is dataset]
        with transaction.atomic():
            mine.filter(resource__in=alike).update(
                position_at=None, position_id=0, lease_token=None, lease_until=None
            )
            given_up.update(due_at=None)
            rows = TABLES[dataset.name].objects.filter(connection=connection, origin="api")
            rows.filter(deleted_at=None).update(deleted_at=timezone.now())


def _is_wanted(resource: Resource, gives: Gives, every: tuple[Resource, ...]) -> bool:
    if resource.along_with:
        leader = next(one for one in every if one.name == resource.along_with)
        return gives(resource.name) and _is_wanted(leader, gives, every)
    if resource.instead_of:
        return gives(resource.name) and not gives(resource.instead_of)
    return gives(resource.name)


def _gives(connection: Connection, connector: Connector | None) -> Gives:
    """Whether the shop gives a resource, where another may stand in for it or it for another; else: yes."""
    decided = connection.connector_class.decided(connection.config)
    check = connection.checks.first()
    lines = dict(check.lines.values_list("resource", "status")) if check else {}
    pulled = set(
        Cursor.objects.filter(connection=connection)
        .exclude(position_at=None)
        .values_list("resource", flat=True)
    )
    stand_ins = {
        one.instead_of: one.name for one in connection.connector_class.resources if one.instead_of
    }

    @cache
    def gives(name: str) -> bool:
        if name in decided:
            return decided[name]
        if (
            name in stand_ins.values()
        ):  # nothing else is left: only what is surely refused is left out
            return name in pulled or lines.get(name) not in REFUSED
        if name not in stand_ins or lines.get(name) == Status.READY or name in pulled:
            return True
        if stand_ins[name] in pulled or lines.get(name) in (*REFUSED, Status.EMPTY):
            return False
        return _answers(connector, name) if connector else True

    return gives


def _answers(connector: Connector, name: str) -> bool:
    """A shop that cannot answer now gives it all the same: its pull will say what is wrong."""
    probe = connector.probe(connector.resource(name))
    is_absent = isinstance(probe.error, NotAvailableError | PermissionMissingError)
    return not is_absent and probe.count != 0
