"""/healthz: this process answers. /readyz: it can do its work: database, migrations, broker."""

import logging
from collections.abc import Callable

from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from kleep_portal.celery import app

logger = logging.getLogger(__name__)

PATIENCE = 2.0  # seconds for the broker to answer


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 where all parts work, 503 where one does not; why is in the log, not on a public page."""
    parts = {name: _works(name, probe) for name, probe in PROBES.items()}
    status = 200 if all(parts.values()) else 503
    answer = {name: "ok" if works else "failed" for name, works in parts.items()}
    return JsonResponse(answer, status=status)


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _migrations() -> None:
    executor = MigrationExecutor(connection)
    if plan := executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise RuntimeError(f"{len(plan)} migrations are not applied")


def _broker() -> None:
    with app.connection_for_write() as broker:
        broker.ensure_connection(max_retries=1, timeout=PATIENCE)


def _cache() -> None:
    cache.get("readyz")


PROBES: dict[str, Callable[[], None]] = {
    "database": _database,
    "migrations": _migrations,
    "broker": _broker,
    "cache": _cache,
}


def _works(name: str, probe: Callable[[], None]) -> bool:
    try:
        probe()
    except Exception:  # each driver has its own; whatever it is, this part does not work
        logger.warning("not ready: %s", name, exc_info=True)
        return False
    return True
