"""The newest runs of a connection, found without reading the thousands that a year leaves."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import OuterRef, Subquery

from connectors.models import Check, Connection, Cursor, PullRun


def newest_runs(connection: Connection) -> list[PullRun]:
    """The newest run of every cursor of the connection, in the connector's order of resources."""
    return newest_runs_of([connection])[connection.pk]


def newest_runs_of(connections: Iterable[Connection]) -> dict[UUID, list[PullRun]]:
    """The same by connection, in one query."""
    known = {connection.pk: connection for connection in connections}
    newest = PullRun.objects.filter(cursor=OuterRef("pk")).order_by("-started_at", "-pk")
    cursors = Cursor.objects.filter(connection__in=list(known))
    newest_ones = cursors.annotate(newest=newest.values("pk")[:1]).values("newest")
    found: dict[UUID, list[PullRun]] = {key: [] for key in known}
    for run in PullRun.objects.filter(pk__in=newest_ones).select_related("cursor"):
        run.cursor.connection = known[run.cursor.connection_id]
        found[run.cursor.connection_id].append(run)
    for key, runs in found.items():
        order = [resource.name for resource in known[key].connector_class.resources]
        runs.sort(key=lambda run: (order.index(run.cursor.resource), run.cursor.scope))
    return found


def newest_checks(connections: Iterable[Connection]) -> dict[UUID, Check]:
    """By connection its newest check with the lines, where there is one."""
    known = {connection.pk: connection for connection in connections}
    checks = Check.objects.filter(connection=OuterRef("pk")).order_by("-started_at", "-pk")
    tested = Connection.objects.filter(pk__in=list(known))
    newest = tested.annotate(newest=checks.values("pk")[:1]).values("newest")
    found = list(Check.objects.filter(pk__in=newest).prefetch_related("lines"))
    for check in found:
        check.connection = known[check.connection_id]
    return {check.connection_id: check for check in found}


def newest_of_all(connection: Connection, count: int) -> list[PullRun]:
    """So many of all cursors together.

    One cursor's alone would fill the list from the moment of its last one: nothing older is in it.
    """
    runs = PullRun.objects.filter(cursor=OuterRef("pk")).order_by("-started_at", "-pk")
    last = runs.values("started_at")[count - 1 : count]
    cursors = Cursor.objects.filter(connection=connection).annotate(last=last)
    full = [at for at in cursors.values_list("last", flat=True) if at is not None]
    found = PullRun.objects.filter(cursor__connection=connection)
    if full:
        found = found.filter(started_at__gte=max(full))
    return list(found.select_related("cursor__connection").order_by("-started_at", "-pk")[:count])


def read_to_the_end(connection: Connection) -> list[tuple[str, datetime]]:
    """By cursor its resource and when that was last read to its end; without those that never were."""
    cursors = Cursor.objects.filter(connection=connection).annotate(done=done_at())
    found = cursors.values_list("resource", "done")
    return [(resource, moment) for resource, moment in found if moment is not None]


def done_at() -> Subquery:
    """Of cursors that are asked for: when each was last read to its end.

    One run follows the other: the last that began is the last that ended.
    """
    done = PullRun.objects.filter(cursor=OuterRef("pk"), state=PullRun.State.DONE)
    return Subquery(done.order_by("-started_at", "-pk").values("finished_at")[:1])
