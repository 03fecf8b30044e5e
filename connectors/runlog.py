"""The log of one pull, for whoever has to find out what went wrong: a line of JSON per fact.

Counts, times, positions and our own texts about failures; no row that was read, no credential.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from connectors import leases
from connectors.models import Check, CheckLine, PullRun
from kleep_portal import redaction

Line = dict[str, Any]
PAGES = 20_000  # lines of one log at most, and as many parts of a reading by id


def text(run: PullRun) -> str:
    """JSON Lines. `run` comes with its cursor and connection."""
    said = [json.dumps(line, default=_plain, ensure_ascii=False) for line in _lines(run)]
    return redaction.scrub("\n".join(said) + "\n")


def _lines(run: PullRun) -> Iterator[Line]:
    yield _head(run)
    yield {"kind": "cursor", **_cursor(run)}
    for number, span in enumerate(run.spans.order_by("pk")[:PAGES], start=1):
        yield {
            "kind": "span",
            "number": number,
            "after": span.after,
            "last": span.last,
            "reached": span.reached,
            "is_done": span.is_done,
        }
    pages = run.seen_pages.order_by("pk").values_list("rows", flat=True)[:PAGES]
    for number, rows in enumerate(pages.iterator(chunk_size=200), start=1):
        yield {"kind": "page", "number": number, "rows": len(rows)}
    yield {
        "kind": "end",
        "state": run.state,
        "finished_at": run.finished_at,
        "error": run.error,
        "message": run.message,
        "detail": run.detail,
    }
    yield from map(_answer, _tested(run))


def _head(run: PullRun) -> Line:
    connection = run.cursor.connection
    names = ("since", "until", "started_at", "finished_at", "seconds", "attempts", "expected")
    counts = ("fetched", "created", "updated", "unchanged", "deleted", "pages")
    return {
        "kind": "run",
        "run": run.pk,
        "reads": run.kind,
        "connection": str(connection.pk),
        "platform": connection.platform,
        "address": connection.config.get("url", ""),
        "resource": run.cursor.resource,
        "scope": run.cursor.scope,
        **{name: getattr(run, name) for name in (*names, *counts)},
        "position_at": run.position_at,
        "position_id": run.position_id,
        "marks_deleted": run.marks,
        "released_by_a_person": bool(run.released_by),
    }


def _cursor(run: PullRun) -> Line:
    cursor = run.cursor
    return {
        "cursor": cursor.pk,
        "position_at": cursor.position_at,
        "position_id": cursor.position_id,
        "due_at": cursor.due_at,
        "queued_at": cursor.queued_at,
        "lease_until": cursor.lease_until,
        "worker_gave_sign_of_life": leases.is_at_work(cursor),
        "health": cursor.connection.health,
        "paused_at": cursor.connection.paused_at,
    }


def _tested(run: PullRun) -> QuerySet[CheckLine]:
    """What the last check before or during the run said of the same data."""
    checks = Check.objects.filter(connection=run.cursor.connection_id)
    until = run.finished_at
    known = checks.filter(started_at__lte=until) if until else checks
    lines = CheckLine.objects.filter(check_run=known.values("pk")[:1])
    return lines.filter(resource=run.cursor.resource)


def _answer(line: CheckLine) -> Line:
    return {
        "kind": "check",
        "check": line.check_run_id,
        "answered_at": line.answered_at,
        "status": line.status,
        "http_status": line.http_status,
        "count": line.count,
        "request_id": line.request_id,
        "error": line.error,
        "message": line.message,
        "detail": line.detail,
    }


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
