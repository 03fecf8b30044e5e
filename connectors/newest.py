"""The newest runs of a connection, found without reading the thousands that a year leaves."""

from datetime import datetime

from django.db.models import OuterRef, Subquery

from connectors.models import Connection, Cursor, PullRun


def newest_runs(connection: Connection) -> list[PullRun]:
    """The newest run of every cursor of the connection, in the connector's order of resources."""
    newest = PullRun.objects.filter(cursor=OuterRef("pk")).order_by("-started_at", "-pk")
    cursors = Cursor.objects.filter(connection=connection).annotate(newest=newest.values("pk")[:1])
    runs = PullRun.objects.filter(pk__in=cursors.values("newest"))
    order = [resource.name for resource in connection.connector_class.resources]
    return sorted(
        runs.select_related("cursor__connection"),
        key=lambda run: (order.index(run.cursor.resource), run.cursor.scope),
    )


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
