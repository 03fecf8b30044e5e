"""The readiness of a connection, counted again only when something was stored since.

Counting a large shop takes a second. What pulls and files bring is seen at once; what an erasure or the
retention takes away, after MINUTES.
"""

import hashlib
from typing import Any

from django.core.cache import cache
from django.db.models import Count, Max, Sum
from django.utils import timezone

from connectors import readiness, readiness_facts
from connectors.models import Connection, PullRun
from connectors.newest import newest_runs
from connectors.readiness import Readiness

MINUTES = 5


def measure(connection: Connection, scope: str = "") -> Readiness:
    """As readiness.measure(), judged by the time that it is now."""
    key = f"readiness:{connection.pk}:{_stored(connection, scope)}"
    facts = cache.get(key)
    if facts is None:
        facts = readiness_facts.collect(connection, scope)
        cache.set(key, facts, MINUTES * 60)
    return readiness.judge(facts, now=timezone.now())


def _stored(connection: Connection, scope: str) -> str:
    """Another one whenever a pull or a file has stored something."""
    runs = tuple(_come(run) for run in newest_runs(connection))
    files = connection.received_files.aggregate(
        count=Count("pk"), finished=Max("finished_at"), stored=Sum("position")
    )
    seen = repr((scope, runs, sorted(files.items())))
    return hashlib.sha256(seen.encode()).hexdigest()


def _come(run: PullRun) -> tuple[Any, ...]:
    """How far a run has come."""
    return (run.pk, run.state, run.pages, run.fetched, run.deleted)
