"""Stores what a reading brings: rows, positions and counters of a few pages, all or nothing.

Where pages come faster than they are stored, those that wait are stored together: what a transaction costs
beside its rows is then paid once. Raises what it finds wrong before anything is written.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from connectors import leases, runs, storing, wholes, windows
from connectors.base import Page
from connectors.errors import UnexpectedAnswerError
from connectors.leases import Lease
from connectors.models import PullRun, PullSpan
from connectors.wholes import resource_of


@dataclass(frozen=True)
class Step:
    """A page to store, and the span that it is of, if any. Without a page: that span is at its end."""

    page: Page | None
    span: PullSpan | None = None


def store(lease: Lease, run: PullRun, steps: Sequence[Step], *, seconds: float) -> None:
    """In one transaction. `seconds`: working time since what was stored before.

    Raises LeaseLostError, UnexpectedAnswerError.
    """
    resource, cursor = resource_of(run.cursor), run.cursor
    assert resource.dataset is not None  # noqa: S101  # pulling.pullable() leaves the others out
    spans = _spans(steps)
    pages = [step.page for step in steps if step.page]
    for page in pages if not spans else ():
        _refuse_steps_back(run, page)
    position = None
    if pages and resource.cursor_field is not None and run.kind == PullRun.Kind.CHANGES:
        position = windows.farther(cursor.position, pages[-1].position)
    with transaction.atomic():
        leases.renew(lease, **(runs.at(position) if position else {}))
        rows = pages[0].rows if len(pages) == 1 else [row for page in pages for row in page.rows]
        scope = cursor.scope if resource.dataset.scoped else ""
        counts = storing.store(cursor.connection, resource.dataset, rows, scope=scope)
        wholes.note(run, rows)
        changes = {
            **_counted(run, pages, counts, is_span=bool(spans)),
            "seconds": run.seconds + seconds,
            **runs.no_error(),
        }
        runs.update(run, **changes)
        for span, so_far in spans.items():
            PullSpan.objects.filter(pk=span.pk).update(**so_far)
    # Only now: a transaction that was rolled back must leave no trace in memory either.
    runs.apply(run, **changes)
    for span, so_far in spans.items():
        runs.apply(span, **so_far)
    if position:
        runs.apply(cursor, **runs.at(position))


def _counted(
    run: PullRun, pages: Sequence[Page], counts: storing.Counts, *, is_span: bool
) -> dict[str, Any]:
    fetched = run.fetched + sum(page.fetched for page in pages)
    counted = {
        "fetched": fetched,
        "created": run.created + counts.created,
        "updated": run.updated + counts.updated,
        "unchanged": run.unchanged + counts.unchanged,
        "pages": run.pages + len(pages),
    }
    if is_span:
        return {**counted, **({"attempts": 0} if pages else {})}
    last = pages[-1]
    advanced = run.position is None or last.position > run.position
    expected = run.expected
    if last.remaining is not None:
        expected = fetched - last.fetched + last.remaining
    return {
        **counted,
        **runs.at(last.position),
        "attempts": 0 if advanced else run.attempts,
        "expected": expected,
    }


def _spans(steps: Sequence[Step]) -> dict[PullSpan, dict[str, Any]]:
    """By span how far it is now. Raises UnexpectedAnswerError where a page is not of its span."""
    found: dict[PullSpan, dict[str, Any]] = {}
    for step in steps:
        if not step.span:
            continue
        so_far = found.setdefault(step.span, {})
        if step.page is None:
            so_far["is_done"] = True
            continue
        before, id = so_far.get("reached", step.span.reached), step.page.position.id
        if not before < id <= (step.span.last or id):
            raise UnexpectedAnswerError(detail=f"a page up to {id} in {step.span}")
        so_far["reached"] = id
    return found


def _refuse_steps_back(run: PullRun, page: Page) -> None:
    """A position that goes back would be read for ever; one after the end would hide what is before it."""
    if page.position.at > run.until:
        raise UnexpectedAnswerError(detail=f"a page up to {page.position.at}, after {run.until}")
    if run.position and page.position < run.position:
        raise UnexpectedAnswerError(detail=f"a page back at {page.position}, after {run.position}")
