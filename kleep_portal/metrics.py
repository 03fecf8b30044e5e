"""/metrics for Prometheus: requests and tasks of this machine, and what the database says of the work.

Processes of one machine share a folder (PROMETHEUS_MULTIPROC_DIR), so that whichever web process is asked
answers for all of them. An app adds its own figures with add().
"""

import time
from collections.abc import Callable, Iterable
from functools import cache
from hmac import compare_digest
from typing import Any

from celery import signals
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Histogram, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector

from kleep_portal import embedded

Collect = Callable[[], Iterable[Metric]]

REQUESTS = Histogram(
    "portal_request_seconds",
    "Time to answer a request, by route and status.",
    ["method", "route", "status"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
TASKS = Histogram(
    "portal_task_seconds",
    "Time of a task, by name and how it ended.",
    ["task", "state"],
    buckets=(0.05, 0.25, 1, 5, 15, 60, 180, 540),
)
_collects: list[Collect] = []
_began: dict[str, float] = {}  # of the tasks that this process is at


class _Figures:
    """What the apps count when somebody asks. prometheus_client calls collect()."""

    def collect(self) -> Iterable[Metric]:
        for collect in _collects:
            yield from collect()


def add(collect: Collect) -> None:
    """Figures to be counted anew for every answer, in a fixed number of queries."""
    if collect not in _collects:
        _collects.append(collect)


@cache
def _folder() -> None:
    """A figure's first value makes its file: the folder must be there then, and not before."""
    embedded.data_folder(settings.METRICS_FOLDER)


def observe_request(*, method: str, route: str, status: int, seconds: float) -> None:
    _folder()
    REQUESTS.labels(method, route or "none", str(status)).observe(seconds)


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """For whoever knows METRICS_TOKEN; without one configured, in DEBUG alone."""
    if not _may_read(request):
        raise Http404
    _folder()
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library's own
    registry.register(_Figures())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _may_read(request: HttpRequest) -> bool:
    token: str = settings.METRICS_TOKEN
    if not token:
        return bool(settings.DEBUG)
    given = request.headers.get("Authorization", "").encode()
    return compare_digest(given, f"Bearer {token}".encode())


# --- Celery ---


def bind_celery() -> None:
    signals.task_prerun.connect(_begin)
    signals.task_postrun.connect(_end)


def _begin(task_id: str, **_kwargs: Any) -> None:
    _began[task_id] = time.monotonic()


def _end(task_id: str, task: Any, state: str | None = None, **_kwargs: Any) -> None:
    began = _began.pop(task_id, None)
    if began is not None:
        _folder()
        TASKS.labels(task.name, state or "UNKNOWN").observe(time.monotonic() - began)
