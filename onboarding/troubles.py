"""What does not work in a shop, noted once when it is noticed and once when it is over, for Kleep's staff.

The events that this records go to webhooks and to who is in charge: see alerts.py. The merchant's own people
are told by incidents.py.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from connectors.models import Connection, Cursor, PullRun
from onboarding import incidents, services
from onboarding.models import Incident

CONNECTION, FAILED, HELD = "connection_broken", "pull_failed", "pull_held"
# What is said when it is over; a held pull is released by a person, which is an event of its own.
OVER = {CONNECTION: "connection_recovered", FAILED: "pull_recovered"}
# A pull that failed longer ago is tried every day since, and was told of when it began.
RECENT = timedelta(days=7)


@dataclass(frozen=True)
class Trouble:
    """`key`: what it is that does not work. `resource`: of the shop's data, blank where it is all of it."""

    kind: str
    key: str
    connection: Connection
    resource: str = ""


def note() -> None:
    """Compare what does not work now with what was noted."""
    now = {(one.kind, one.key): one for one in _troubles()}
    noted = {(one.kind, one.key): one for one in _open()}
    for name in now.keys() - noted.keys():
        _begin(now[name])
    for name in noted.keys() - now.keys():
        _end(noted[name])


def _open() -> QuerySet[Incident]:
    return Incident.objects.filter(ended_at=None).select_related("shop")


def _troubles() -> Iterator[Trouble]:
    used = incidents.broken().filter(shops__isnull=False)
    broken = {connection.pk: connection for connection in used}
    for connection in broken.values():
        yield Trouble(CONNECTION, str(connection.pk), connection)
    for run in _troubled_runs():
        connection = run.cursor.connection
        if run.state == PullRun.State.HELD:
            yield Trouble(HELD, f"run {run.pk}", connection, run.cursor.resource)
        elif connection.pk not in broken:  # of which that is told already
            yield Trouble(FAILED, f"cursor {run.cursor_id}", connection, run.cursor.resource)


def _troubled_runs() -> QuerySet[PullRun]:
    """Held ones, and failed ones after which nothing of the same was pulled to its end."""
    since = timezone.now() - RECENT
    later = PullRun.objects.filter(
        cursor=OuterRef("cursor"), state=PullRun.State.DONE, pk__gt=OuterRef("pk")
    )
    troubled = (PullRun.State.HELD, PullRun.State.FAILED)
    runs = PullRun.objects.filter(state__in=troubled, started_at__gt=since)
    paused = {"cursor__connection__paused_at": None}
    return runs.filter(~Exists(later), **paused).select_related("cursor__connection")


def _begin(trouble: Trouble) -> None:
    shop = trouble.connection.shops.select_related("merchant", "owner").order_by("pk").first()
    if shop is None:
        return
    try:
        with transaction.atomic():
            Incident.objects.create(shop=shop, kind=trouble.kind, key=trouble.key)
            services.record(shop, trouble.kind, by=None, resource=trouble.resource)
    except IntegrityError:  # another worker was faster
        return


def _end(incident: Incident) -> None:
    """Nothing is said of a connection that no shop uses any more."""
    if not _is_over(incident):
        return
    mine = Incident.objects.filter(pk=incident.pk, ended_at=None)
    over = OVER.get(incident.kind)
    with transaction.atomic():
        ended = mine.update(ended_at=timezone.now())
        if ended and over and (incident.kind != CONNECTION or _used(incident)):
            services.record(incident.shop, over, by=None)


def _is_over(incident: Incident) -> bool:
    """What is merely tried again is not over: the connection has answered, the pull has come to its end."""
    what = incident.key.rpartition(" ")[2]
    match incident.kind:
        case "connection_broken":
            connection = _used(incident)
            return connection is None or connection.health == Connection.Health.WORKING
        case "pull_failed":
            done = PullRun.objects.filter(cursor__pk=what, state=PullRun.State.DONE)
            is_gone = not Cursor.objects.filter(pk=what).exists()
            return is_gone or done.filter(finished_at__gt=incident.began_at).exists()
    return not PullRun.objects.filter(pk=what, state=PullRun.State.HELD).exists()


def _used(incident: Incident) -> Connection | None:
    """The connection that broke, while a shop uses it."""
    return Connection.objects.filter(pk=incident.key, shops__isnull=False).first()
