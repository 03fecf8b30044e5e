"""What /metrics says of the shops: what is due, what runs, what failed, who is left alone."""

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import Count, Min
from django.utils import timezone
from prometheus_client.metrics_core import GaugeMetricFamily, Metric

from connectors import turns
from connectors.models import Circuit, Connection, Cursor, PullRun

RECENT = timedelta(days=1)


def collect() -> Iterable[Metric]:
    """Six queries, whatever the number of shops."""
    yield from _due()
    yield _of_each("portal_pull_runs", "Pulls of the last day by state.", "state", _runs())
    yield _of_each("portal_connections", "Connections by health.", "health", _health())
    yield GaugeMetricFamily(
        "portal_circuits_open",
        "Connections that are left alone because they failed again and again.",
        value=Circuit.objects.exclude(opened_at=None).count(),
    )
    yield GaugeMetricFamily(
        "portal_pulls_leased",
        "Cursors that a worker holds.",
        value=Cursor.objects.filter(lease_until__gt=timezone.now()).count(),
    )


def _due() -> Iterable[Metric]:
    found = turns.due().aggregate(count=Count("pk"), oldest=Min("due_at"))
    age = (timezone.now() - found["oldest"]).total_seconds() if found["oldest"] else 0.0
    yield GaugeMetricFamily(
        "portal_cursors_due", "Pulls whose time has come.", value=found["count"]
    )
    yield GaugeMetricFamily(
        "portal_oldest_due_seconds", "How long the first of them waits.", value=age
    )


def _runs() -> dict[str, int]:
    recent = PullRun.objects.filter(started_at__gt=timezone.now() - RECENT).order_by()
    return dict(recent.values_list("state").annotate(count=Count("pk")))


def _health() -> dict[str, int]:
    return dict(Connection.objects.order_by().values_list("health").annotate(count=Count("pk")))


def _of_each(name: str, text: str, label: str, counts: dict[str, int]) -> Metric:
    family = GaugeMetricFamily(name, text, labels=[label])
    for value, count in sorted(counts.items()):
        family.add_metric([value], count)
    return family
