"""All that Kleep's staff see of one shop on its page in the console."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from connectors.models import Check, Connection, Cursor, PullRun
from connectors.newest import cursors_of, done_at, last_of, newest_of_all
from onboarding import (
    blockers,
    charts,
    event_details,
    findings,
    notices,
    phases,
    standing,
    together,
)
from onboarding.charts import Plot
from onboarding.golive import GoLive, Stage
from onboarding.models import Erasure, Event, HandOff, Membership, PageRun, Shop
from onboarding.phases import Facts, access_facts
from onboarding.progress import label_of
from onboarding.together import Together

RUNS, PLOTTED, FILES, EVENTS, CHECKS, NOTES, LOOKS, LINKS = 10, 30, 8, 8, 6, 20, 4, 8


def of(shop: Shop) -> dict[str, Any]:
    """The page's context; a fixed number of queries for each kind of data of the shop."""
    checks, cursors = [], []
    if shop.connection:
        checks, cursors = _checks(shop.connection), _cursors(shop.connection, RUNS)
    known: dict[Callable[[Together], Any], Any] = {
        together.checks: {check.connection_id: check for check in checks[:1]},
        access_facts.cursors: {one.pk: cursors for one in [shop.connection] if one},
    }
    facts = Facts(shop, Together([shop], known))
    steps = phases.steps(shop, facts)
    tasks = [task for step in steps for task in step.tasks]
    return {
        "shop": shop,
        "steps": steps,
        "next": standing.next_for_staff(tasks),
        "blockers": blockers.of(facts),
        "is_to_decide": facts.of(GoLive).stage is Stage.CONFIRMED,
        "notices": notices.of(shop, facts),
        "erasure": _erasure(shop),
        "notes": shop.notes.select_related("author")[:NOTES],
        "members": Membership.objects.select_related("user").filter(merchant=shop.merchant_id),
        "links": HandOff.objects.filter(shop=shop).order_by("-created_at")[:LINKS],
        "events": event_details.lines(happened(shop)[:EVENTS]),
        "looks": _looks(shop),
        "checks": [(check, findings.lines(check)) for check in checks],
        **(_data(shop, shop.connection, cursors) if shop.connection else {}),
    }


def happened(shop: Shop) -> QuerySet[Event]:
    """The newest first."""
    return shop.events.select_related("actor", "hand_off")


def _erasure(shop: Shop) -> Erasure | None:
    """One that was asked for and is not over: of the shop, or of its company."""
    asked = Q(shop=shop) | Q(kind=Erasure.Kind.MERCHANT, merchant=shop.merchant_id)
    return Erasure.objects.filter(asked, finished_at=None).first()


def _looks(shop: Shop) -> QuerySet[PageRun]:
    """The browser's newest looks at its pages, with their pictures."""
    newest = PageRun.objects.filter(shop=shop).defer("details", "lines")
    return newest.prefetch_related("evidence")[:LOOKS]


def _data(shop: Shop, connection: Connection, cursors: list[Cursor]) -> dict[str, Any]:
    """Cursors, runs, files."""
    return {
        "connection": connection,
        "cursors": cursors,
        "runs": newest_of_all(connection, cursors, RUNS),
        # Its own, and those of a shared connection of which nobody wrote down for which shop they came.
        "files": connection.received_files.filter(shop__in=[shop.slug, ""])[:FILES],
        "is_shared": SimpleLazyObject(connection.shops.exclude(pk=shop.pk).exists),
    }


def plots(connection: Connection) -> dict[str, Any]:
    """How the newest runs went, and how old the data is: apart, as drawing takes longer than all else."""
    cursors = _cursors(connection, PLOTTED)
    newest, ages = newest_of_all(connection, cursors, PLOTTED), _ages(cursors)
    return {
        "plots": [*_plots(list(reversed(newest))), *_freshness(ages)],
        "is_fresh": all(one.done_at for one in cursors) and max(ages.values(), default=1) < 1,  # type: ignore[attr-defined]  # annotated
        "is_idle": bool(newest) and all(map(_brought_nothing, newest)),
        "newest_count": len(newest),
        "has_failures": any(run.state == PullRun.State.FAILED for run in newest),
    }


def _checks(connection: Connection) -> list[Check]:
    checks = list(connection.checks.prefetch_related("lines")[:CHECKS])
    for check in checks:
        check.connection = connection
    return checks


def _cursors(connection: Connection, count: int) -> list[Cursor]:
    """Each with the moment in which it was last read to its end; `count`: of runs to be found with it."""
    return cursors_of([connection], done_at=done_at(), last=last_of(count))[connection.pk]


def _plots(runs: list[PullRun]) -> list[Plot]:
    """Rows, duration and failures of the newest runs, the oldest first."""
    over = [run for run in runs if run.finished_at]
    if not over:
        return []
    labels = [f"#{run.pk}" for run in over]  # as in the list below
    of = _("Run")
    rows = charts.bars(
        "rows",
        _("Rows of the newest pulls"),
        labels=labels,
        series={_("Rows"): [r.fetched for r in over]},
        of=of,
    )
    seconds = {_("Seconds"): [round(run.seconds, 1) for run in over]}
    duration = charts.lines(
        "seconds", _("Duration, in seconds"), labels=labels, series=seconds, of=of
    )
    failed = {_("Failures"): [int(run.state == PullRun.State.FAILED) for run in over]}
    failures = charts.bars("failures", _("Failures"), labels=labels, series=failed, of=of)
    drawn = (
        rows if any(run.fetched for run in over) else None,  # bars without height say nothing
        duration,
        failures if any(failed[_("Failures")]) else None,
    )
    return [plot for plot in drawn if plot]


def _brought_nothing(run: PullRun) -> bool:
    """It went well, and there was nothing new."""
    return run.state == PullRun.State.DONE and not run.fetched


def _ages(cursors: Sequence[Cursor]) -> dict[str, float]:
    """Hours since each kind of data was read to its end."""
    now = timezone.now()
    read = [(label_of(one), one.done_at) for one in cursors if one.done_at]  # type: ignore[attr-defined]  # annotated
    return {name: round((now - at).total_seconds() / 3600, 1) for name, at in read}


def _freshness(ages: Mapping[str, float]) -> list[Plot]:
    """None where all of it is fresh: bars without height say nothing."""
    if not ages or max(ages.values()) < 1:
        return []
    title = _("Age of the data, in hours")
    hours = {_("Hours"): list(ages.values())}
    drawn = charts.bars(
        "freshness", title, of=_("What"), labels=list(ages), series=hours, lying=True
    )
    return [drawn] if drawn else []
