"""Which resources of a shop are pulled, where one stands in for another: returns or credit memos, for one.

Nothing of it is stored. What the configuration decides goes first, then what the last check found, then what
was pulled before; where all are silent the shop is asked.
"""

from collections.abc import Callable
from functools import cache

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from connectors import runs, wholes
from connectors.base import Connector, Resource
from connectors.datasets import Dataset
from connectors.errors import NotAvailableError, PermissionMissingError
from connectors.models import TABLES, CheckLine, Connection, Cursor, PullRun

Status = CheckLine.Status
RUNNING = PullRun.State.RUNNING
ABSENT = -1  # in place of a count

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
    every = connection.connector_class.resources
    for resource in every:
        dataset = resource.dataset
        if dataset is None or resource in chosen:
            continue
        given_up = Cursor.objects.filter(connection=connection, resource=resource.name)
        if given_up.filter(Q(position_at__isnull=False) | Q(runs__state=RUNNING)).exists():
            _forget(connection, dataset, [one.name for one in every if one.dataset is dataset])
        given_up.update(due_at=None)
        # Asked for once, and never had: how that failed is nothing that anybody could mend.
        others = PullRun.objects.exclude(state=PullRun.State.FAILED)
        given_up.filter(position_at=None).exclude(runs__in=others).delete()


def settle_views(connection: Connection, connector: Connector) -> None:
    """Give up the store views that are no longer configured: nobody would read them again.

    Their rows are marked as deleted; whoever pulls one can store nothing more.
    """
    for resource in connection.connector_class.resources:
        if resource.dataset is None or not resource.scoped:
            continue
        pulled = Cursor.objects.filter(connection=connection, resource=resource.name)
        gone = pulled.exclude(scope__in=connector.scopes(resource))
        with transaction.atomic():
            cursors = list(gone)
            gone.delete()  # first: it waits for whoever stores a page, whose rows are then seen
            for cursor in cursors:
                wholes.live(cursor).update(deleted_at=timezone.now())


def _forget(connection: Connection, dataset: Dataset, names: list[str]) -> None:
    """What these resources gave of a dataset; whoever pulls one of them can store nothing more."""
    cursors = Cursor.objects.filter(connection=connection, resource__in=names)
    with transaction.atomic():
        cursors.update(position_at=None, position_id=0, lease_token=None, lease_until=None)
        for cursor in cursors:
            runs.stop(cursor)
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
    """Whether the shop gives a resource. Asked of those alone that others stand in for, or the other way."""
    resources = connection.connector_class.resources
    decided = connection.connector_class.decided(connection.config)
    pulled = set(
        Cursor.objects.filter(connection=connection)
        .exclude(position_at=None)
        .values_list("resource", flat=True)
    )
    check = connection.checks.first()
    lines = {line.resource: line for line in check.lines.all()} if check else {}
    stand_ins = {one.instead_of: one.name for one in resources if one.instead_of}

    @cache
    def gives(name: str) -> bool:
        if name in decided:
            return decided[name]
        found = _found(lines.get(name))
        if name in pulled:
            return True
        if name not in stand_ins and name not in stand_ins.values():
            return found != ABSENT or not connection.connector_class.resource(name).along_with
        if found is None and stand_ins.get(name) in pulled:
            return False
        if found is None and connector:
            found = _answers(connector, name)
        # What nothing stands in for is wanted although it is empty.
        return found is None or found > 0 or (found == 0 and name not in stand_ins)

    return gives


def _found(line: CheckLine | None) -> int | None:
    """How many records the check found; ABSENT for what cannot be listed, None where it does not know."""
    if line is None:
        return None
    if line.status in {Status.NOT_AVAILABLE, Status.MISSING_PERMISSION}:
        return ABSENT
    if line.status in {Status.READY, Status.EMPTY}:
        return ABSENT if line.count is None else line.count
    return None


def _answers(connector: Connector, name: str) -> int | None:
    """The same, asked now. A shop that cannot answer does not tell: its pull will say what is wrong."""
    probe = connector.probe(connector.resource(name))
    if probe.error is None:
        return ABSENT if probe.count is None else probe.count
    is_absent = isinstance(probe.error, NotAvailableError | PermissionMissingError)
    return ABSENT if is_absent else None
