"""The newest runs of a connection, found without reading the thousands that a year leaves."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Subquery

from connectors.models import Check, Connection, Cursor, PullRun


def newest_runs(connection: Connection) -> list[PullRun]:
    """The newest run of every cursor of the connection, in the connector's order of resources."""
    return newest_runs_of(cursors_of([connection])[connection.pk])


def cursors_of(connections: Iterable[Connection], **more: Subquery) -> dict[UUID, list[Cursor]]:
    """By connection its cursors, in the connector's order of resources.

    Each with the id of its `newest` run, or None, whether one `is_running`, and what `more` finds of it.
    """
    known = {connection.pk: connection for connection in connections}
    runs = PullRun.objects.filter(cursor=OuterRef("pk"))
    cursors = Cursor.objects.filter(connection__in=list(known)).annotate(
        newest=Subquery(runs.order_by("-started_at", "-pk").values("pk")[:1]),
        is_running=Exists(runs.filter(state=PullRun.State.RUNNING)),
        **more,
    )
    found: dict[UUID, list[Cursor]] = {key: [] for key in known}
    for cursor in cursors:
        cursor.connection = known[cursor.connection_id]
        found[cursor.connection_id].append(cursor)
    for key, ones in found.items():
        order = [resource.name for resource in known[key].connector_class.resources]
        ones.sort(key=lambda one: (order.index(one.resource), one.scope))
    return found


def newest_runs_of(cursors: Iterable[Cursor]) -> list[PullRun]:
    """The newest run of each that has one, in their order; `cursors` as cursors_of() gives them."""
    newest = {cursor.newest: cursor for cursor in cursors if cursor.newest}  # type: ignore[attr-defined]  # annotated
    found = PullRun.objects.in_bulk(list(newest))
    for pk, run in found.items():
        run.cursor = newest[pk]
    return [found[pk] for pk in newest if pk in found]


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


def newest_of_all(connection: Connection, cursors: Iterable[Cursor], count: int) -> list[PullRun]:
    """So many of all cursors together; `cursors`: as cursors_of() gives them with `last=last_of(count)`.

    One cursor's alone would fill the list from the moment of its last one: nothing older is in it.
    """
    known = {cursor.pk: cursor for cursor in cursors}
    full = [one.last for one in known.values() if one.last]  # type: ignore[attr-defined]  # annotated
    # Not by the ids of the cursors: PostgreSQL would then go through the runs of everybody.
    found = PullRun.objects.filter(cursor__connection=connection)
    if full:
        found = found.filter(started_at__gte=max(full))
    runs = list(found.order_by("-started_at", "-pk")[:count])
    for run in runs:
        run.cursor = known[run.cursor_id]
    return runs


def last_of(count: int) -> Subquery:
    """Of cursors that are asked for: when the last of its newest so many runs began."""
    runs = PullRun.objects.filter(cursor=OuterRef("pk")).order_by("-started_at", "-pk")
    return Subquery(runs.values("started_at")[count - 1 : count])


def read_to_the_end(connection: Connection) -> list[tuple[str, datetime]]:
    """By cursor its resource and when that was last read to its end; without those that never were, and
    without those that were given up: nothing of them is due any more."""
    kept = Cursor.objects.filter(connection=connection, due_at__isnull=False)
    cursors = kept.annotate(done=done_at())
    found = cursors.values_list("resource", "done")
    return [(resource, moment) for resource, moment in found if moment is not None]


def done_at() -> Subquery:
    """Of cursors that are asked for: when each was last read to its end. A range of days is no end.

    One run follows the other: the last that began is the last that ended.
    """
    done = PullRun.objects.filter(cursor=OuterRef("pk"), state=PullRun.State.DONE)
    done = done.exclude(kind=PullRun.Kind.RANGE)
    return Subquery(done.order_by("-started_at", "-pk").values("finished_at")[:1])
