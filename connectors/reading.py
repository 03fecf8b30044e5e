"""The pages of a slice: the changes one page ahead, or everything by id in several spans side by side.

Threads ask the shop; they never touch the database. Whoever iterates stores.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from django.conf import settings
from django.db import transaction

from connectors import leases, runs, spans, wholes, windows
from connectors.base import Connector, Extent, Page
from connectors.leases import Lease
from connectors.models import PullRun, PullSpan
from connectors.pace import Pace
from connectors.steps import Step
from connectors.turns import Turn
from connectors.wholes import resource_of

T = TypeVar("T")


def steps(
    connector: Connector, lease: Lease, run: PullRun, turn: Turn
) -> Iterator[list[Step] | None]:
    """At least one page; None where its turn was over first. Raises ConnectorError, LeaseLostError."""
    resource = resource_of(run.cursor)
    if run.kind == PullRun.Kind.WHOLE and resource.by_id:
        yield from _by_id(connector, lease, run, turn)
        return
    pages = connector.pages(
        resource,
        since=windows.resume(run.position, run.since),
        until=run.until,
        scope=run.cursor.scope,
    )
    for page in _one_ahead(pages, turn, lease):
        if page is not None and run.kind == PullRun.Kind.WHOLE and not run.pages:
            wholes.doubt_total(run, page.remaining)
        yield [Step(page)] if page is not None else None


def _by_id(
    connector: Connector, lease: Lease, run: PullRun, turn: Turn
) -> Iterator[list[Step] | None]:
    readers = leases.engage(lease, run.cursor.connection)
    resource, scope = resource_of(run.cursor), run.cursor.scope
    with ThreadPoolExecutor(max_workers=readers, thread_name_prefix="pages") as first:
        prepared = None
        if not run.spans.exists():
            asked = first.submit(connector.extent, resource, scope=scope)
            # Where it fails, whoever needs it asks again, and then it counts.
            prepared = first.submit(connector.prepare, resource, scope=scope)
            _plan(lease, run, _patiently(asked, lease), readers)
        left = list(run.spans.filter(is_done=False).order_by("pk"))
        crew = spans.Readers(connector, resource, scope, left, Pace(most=readers), prepared)
        renew = partial(leases.renew, lease)
        every = settings.PULL_LEASE_SECONDS / 3
        yield from crew.steps(turn.is_over, every=every, meanwhile=renew)
    if not all(span.is_done for span in left):
        yield None


def _plan(lease: Lease, run: PullRun, extent: Extent, readers: int) -> None:
    """Its spans. Raises HeldError where there is much less than there was."""
    wholes.doubt_total(run, extent.total)
    with transaction.atomic():
        leases.renew(lease)
        PullSpan.objects.bulk_create(
            PullSpan(run=run, after=span.after, last=span.last, reached=span.after)
            for span in spans.split(extent, readers)
        )
        runs.expect(run, extent.total)


def _one_ahead(pages: Iterator[Page], turn: Turn, lease: Lease) -> Iterator[Page | None]:
    """The pages, the next one already on its way while the caller stores this one; None at its turn's end.

    One thread of its own runs the iterator from beginning to end: it never touches the database.
    """
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="pages") as reader:
        following: Callable[[], Page | None] = partial(next, pages, None)
        coming = reader.submit(following)
        while (page := _patiently(coming, lease)) is not None:
            is_last = turn.is_over()
            if not is_last:
                coming = reader.submit(following)
            yield page
            if is_last:
                yield None
                return


def _patiently(coming: "Future[T]", lease: Lease) -> T:
    """What comes, the lease renewed as often as its fetching takes. Raises LeaseLostError."""
    while True:
        try:
            return coming.result(timeout=settings.PULL_LEASE_SECONDS / 3)
        except TimeoutError:
            if coming.done():  # in the moment between, or by a time limit of the connector's own
                return coming.result()
            leases.renew(lease)
