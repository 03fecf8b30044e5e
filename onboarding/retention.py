"""How long what is kept: one line for each kind of thing that goes by itself; the task sees to it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.utils import timezone

from connectors import erasing
from connectors.models import TABLES, Check, PullRun
from onboarding import delivery
from onboarding.models import HandOff, Incident, Invitation, Mail

DAYS_OF_A_MONTH = 30.44


@dataclass(frozen=True, kw_only=True)
class Rule:
    """`old`: the rows that are older than a moment. `days` 0: they stay for ever."""

    what: str
    setting: str
    old: Callable[[datetime], "QuerySet[Any]"]
    days_of_unit: float = 1.0

    @property
    def days(self) -> float:
        return float(getattr(settings, self.setting)) * self.days_of_unit


def _old_checks(moment: datetime) -> "QuerySet[Any]":
    """All but the newest check of each connection."""
    newest = Check.objects.order_by().values("connection").annotate(newest=Max("pk"))
    return Check.objects.filter(started_at__lt=moment).exclude(pk__in=newest.values("newest"))


def _old_runs(moment: datetime) -> "QuerySet[Any]":
    """Those that are over; of each cursor the newest of its kind and end stays, to compare the next with."""
    alike = {name: OuterRef(name) for name in ("cursor", "kind", "state")}
    later = PullRun.objects.filter(**alike, pk__gt=OuterRef("pk"))
    over = (PullRun.State.DONE, PullRun.State.FAILED, PullRun.State.STOPPED)
    return PullRun.objects.filter(Exists(later), finished_at__lt=moment, state__in=over)


def _idle_runs(moment: datetime) -> "QuerySet[Any]":
    """Of these a shop that sells little makes two hundred a day."""
    nothing = {"created": 0, "updated": 0, "deleted": 0}
    return _old_runs(moment).filter(state=PullRun.State.DONE, **nothing)


def _old_mails(moment: datetime) -> "QuerySet[Any]":
    """Also those that nobody could be given; what still waits stays."""
    given_up = delivery.failed_ones().filter(created_at__lt=moment).values("pk")
    return Mail.objects.filter(Q(sent_at__lt=moment) | Q(pk__in=given_up))


def _old_incidents(moment: datetime) -> "QuerySet[Any]":
    return Incident.objects.filter(ended_at__lt=moment)


def _old_invitations(moment: datetime) -> "QuerySet[Any]":
    return Invitation.objects.filter(expires_at__lt=moment)


def _old_links(moment: datetime) -> "QuerySet[Any]":
    """Their events keep a line without the address."""
    return HandOff.objects.filter(Q(revoked_at__lt=moment) | Q(expires_at__lt=moment))


RULES = (
    Rule(
        what="order lines, by the date of the order",
        setting="KEEP_ORDERS_MONTHS",
        days_of_unit=DAYS_OF_A_MONTH,
        old=lambda moment: TABLES["orders"].objects.filter(order_date__lt=moment),
    ),
    Rule(
        what="returned lines, by the date of the return",
        setting="KEEP_ORDERS_MONTHS",
        days_of_unit=DAYS_OF_A_MONTH,
        old=lambda moment: TABLES["returns"].objects.filter(return_date__lt=moment),
    ),
    Rule(what="checks but the newest", setting="KEEP_HISTORY_DAYS", old=_old_checks),
    Rule(what="runs of pulls but the newest", setting="KEEP_HISTORY_DAYS", old=_old_runs),
    Rule(what="of them those that changed nothing", setting="KEEP_IDLE_RUNS_DAYS", old=_idle_runs),
    Rule(what="messages that were sent or given up", setting="KEEP_MAILS_DAYS", old=_old_mails),
    Rule(what="incidents that are over", setting="KEEP_HISTORY_DAYS", old=_old_incidents),
    Rule(what="invitations that are over", setting="KEEP_MAILS_DAYS", old=_old_invitations),
    Rule(what="links to tasks that are over", setting="KEEP_MAILS_DAYS", old=_old_links),
)
BATCH = 2_000
IN_BATCHES = {TABLES["orders"], TABLES["returns"]}  # nothing points to their rows


def apply(now: datetime | None = None) -> dict[str, int]:
    """Remove what is old; how many rows of each kind that were. May be interrupted and done again."""
    moment = now or timezone.now()
    removed = {rule.what: _remove(rule, moment) for rule in RULES if rule.days > 0}
    removed["rows of erased shoppers"] = erasing.sweep()
    call_command("clearsessions")
    return {what: count for what, count in removed.items() if count}


def _remove(rule: Rule, now: datetime) -> int:
    rows = rule.old(now - timedelta(days=rule.days))
    if rows.model in IN_BATCHES:
        return erasing.remove_in_batches(rows)
    removed, last = 0, None
    while True:
        rest = rows.filter(pk__gt=last) if last is not None else rows
        keys = list(rest.order_by("pk").values_list("pk", flat=True)[:BATCH])
        if not keys:
            return removed
        last = keys[-1]  # what is young or stays is not looked at again
        _total, by_model = rows.model._base_manager.filter(pk__in=keys).delete()
        removed += by_model.get(rows.model._meta.label, 0)
