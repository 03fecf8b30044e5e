"""Readings of everything: what they do not see, the shop no longer has. Too little of it is doubted first.

A run notes with each page which rows it saw. At its end, and only then, rows that were stored before it
began and that it did not see are marked as deleted: never deleted, and never by a run that was interrupted.
"""

from collections.abc import Sequence
from typing import Any

from django.db import connection as database
from django.db.models import QuerySet, Sum
from django.db.models.expressions import RawSQL
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from connectors.base import Resource, Row
from connectors.errors import ConnectorError
from connectors.models import TABLES, Cursor, DatasetRow, PullRun, PullSpan, SeenPage

# The numbers in the JSON lists of the pages of one run.
SEEN = {
    "postgresql": (
        "SELECT CAST(one.value AS bigint) FROM connectors_seenpage page"
        " CROSS JOIN LATERAL jsonb_array_elements_text(page.rows) AS one(value)"
        " WHERE page.run_id = %s"
    ),
    "sqlite": (
        "SELECT one.value FROM connectors_seenpage page, json_each(page.rows) AS one"
        " WHERE page.run_id = %s"
    ),
}


class HeldError(ConnectorError):
    """`now`: what came; `before`: what there was."""

    code = "held"
    text = _(
        "Much less came than there was before: %(now)s instead of %(before)s. Nothing was removed;"
        " Kleep looks at it first."
    )


def resource_of(cursor: Cursor) -> Resource:
    return cursor.connection.connector_class.resource(cursor.resource)


def live(cursor: Cursor) -> QuerySet[DatasetRow]:
    """The rows of a cursor's dataset that the shop has, as far as we know; not those that came in files."""
    dataset = resource_of(cursor).dataset
    assert dataset is not None  # noqa: S101  # pulling.pullable() leaves the others out
    scope = cursor.scope if dataset.scoped else ""
    rows: QuerySet[DatasetRow] = TABLES[dataset.name].objects.filter(
        connection=cursor.connection_id, scope=scope, origin="api", deleted_at=None
    )
    return rows


def note(run: PullRun, rows: Sequence[Row]) -> None:
    """These rows are there still. In the transaction that stores them."""
    dataset = resource_of(run.cursor).dataset
    if not run.marks or not rows or dataset is None:
        return
    first, *_others = dataset.key
    wanted = {tuple(row[name] for name in dataset.key) for row in rows}
    found = live(run.cursor).filter(**{f"{first}__in": sorted({key[0] for key in wanted})})
    SeenPage.objects.create(
        run=run,
        rows=[pk for pk, *key in found.values_list("pk", *dataset.key) if tuple(key) in wanted],
    )


def missing(run: PullRun) -> QuerySet[DatasetRow]:
    """Live rows that were stored before the run began and that it did not see."""
    before = live(run.cursor).filter(seen_at__lt=run.started_at)
    sql, params = before.order_by().values("pk").query.sql_with_params()
    unseen: Any = RawSQL(  # noqa: S611  # its parts are Django's own and constants; values are parameters
        f"{sql} EXCEPT {SEEN[database.vendor]}", (*params, run.pk)
    )
    return live(run.cursor).filter(pk__in=unseen)


def mark(run: PullRun) -> int:
    """Mark what is missing as deleted; how many rows."""
    return missing(run).update(deleted_at=timezone.now()) if run.marks else 0


def doubt_total(run: PullRun, total: int | None) -> None:
    """Before anything is read: `total` records announced. Raises HeldError where they were twice as many."""
    whole = PullRun.objects.filter(
        cursor=run.cursor, kind=PullRun.Kind.WHOLE, state=PullRun.State.DONE
    )
    latest = whole.order_by("-pk").first()
    if total is not None and latest is not None:
        _doubt(run, now=total, before=max(latest.fetched, latest.expected or 0))


def doubt_rows(run: PullRun) -> None:
    """After the last page. Raises HeldError where half of the rows, or more, would be marked as deleted."""
    if run.marks and not run.released_by:
        before = live(run.cursor).count() - _created(run)
        _doubt(run, now=before - missing(run).count(), before=before)


def _created(run: PullRun) -> int:
    """By this reading: also by the failed runs that this one goes on from. See take_over()."""
    failed = PullRun.objects.filter(
        cursor=run.cursor, kind=run.kind, state=PullRun.State.FAILED, started_at=run.started_at
    )
    return run.created + (failed.aggregate(created=Sum("created"))["created"] or 0)


def _doubt(run: PullRun, *, now: int, before: int) -> None:
    if before and now * 2 <= before and not run.released_by:
        raise HeldError(now=now, before=before, detail=f"{now} instead of {before}")


def forget(runs: QuerySet[PullRun]) -> None:
    """What these runs kept for their continuation."""
    PullSpan.objects.filter(run__in=runs).delete()
    SeenPage.objects.filter(run__in=runs).delete()


def take_over(run: PullRun, left: PullRun) -> None:
    """Go on from where a run failed that read by id."""
    PullSpan.objects.filter(run=left).update(run=run)
    SeenPage.objects.filter(run=left).update(run=run)
    run.started_at = left.started_at
    run.save(update_fields=["started_at"])
