"""Where shops stand, computed from phases.py and written down for the staff's pipeline.

record() marks a shop whenever something happens to it; the beat computes what is marked, what the portal
works on, and whatever is older than an hour.
"""

import logging
import time
from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from connectors.models import Connection
from connectors.newest import read_to_the_end
from onboarding import phases, platforms
from onboarding.golive import GoLive, Stage
from onboarding.models import Shop, Standing
from onboarding.phases import Party, State, Task

logger = logging.getLogger(__name__)

OLD = timedelta(hours=1)
STALE = timedelta(days=2)
BATCH = 500
# What the tasks are called to Kleep's staff.
TASKS: dict[str, str | Promise] = {
    "": gettext_lazy("Everything is done"),
    "platform": gettext_lazy("Choose the platform"),
    "access": gettext_lazy("Give access"),
    "check": gettext_lazy("Check the access"),
    "pull": gettext_lazy("First pull"),
    "data": gettext_lazy("Look at the data"),
    "configuration": gettext_lazy("Product configuration"),
    "widget": gettext_lazy("Add the button"),
    "files": gettext_lazy("Send files"),
    "validate": gettext_lazy("Check the pages"),
    "golive": gettext_lazy("Go live"),
}
RANKS = {Party.KLEEP: 1, Party.MERCHANT: 3, Party.AGENCY: 4, Party.PORTAL: 5}
PROBLEM_OF_KLEEP, PROBLEM, DONE = 0, 2, 6


def refresh(shop: Shop) -> Standing:
    """Compute it now and write it down."""
    now = timezone.now()
    facts = phases.Facts(shop)
    before = Standing.objects.filter(shop=shop).first()
    with translation.override("en"):
        steps = phases.of_shop(shop, facts)
    every = [task for _phase, tasks in steps for task in tasks]
    task = next_for_staff(every)
    values = {
        "phase": next((p.key for p, tasks in steps if task and task in tasks), ""),
        "task": task.key if task else "",
        "state": task.state.value if task else "",
        "party": task.turn.value if task else "",
        "since": _since(task, before, now),
        "rank": rank(task),
        "platform": platforms.platform_of(shop),
        "is_broken": is_broken(shop.connection),
        "is_stale": is_stale(shop.connection, now),
        "is_live": facts.of(GoLive).stage is Stage.LIVE,  # also while its page is broken
        "computed_at": now,
    }
    made = Standing.objects.update_or_create(shop=shop, defaults=values)[0]
    if before is not None and before.dirty_at is not None:
        # Unless something has happened meanwhile: that is computed the next time.
        Standing.objects.filter(pk=made.pk, dirty_at=before.dirty_at).update(dirty_at=None)
        made.refresh_from_db(fields=["dirty_at"])
    return made


def next_for_staff(tasks: list[Task]) -> Task | None:
    """What Kleep itself can unblock, before what the merchant does next."""
    undone = (task for task in tasks if task.is_open and not task.is_done)
    mine = next((task for task in undone if task.turn is Party.KLEEP), None)
    return mine or phases.next_task(tasks)


def rank(task: Task | None) -> int:
    """Blockers first, and of them what Kleep can do something about; what is done last."""
    if task is None:
        return DONE
    if task.state is State.PROBLEM:
        return PROBLEM_OF_KLEEP if task.turn is Party.KLEEP else PROBLEM
    return RANKS[task.turn]


def _since(task: Task | None, before: Standing | None, now: datetime) -> datetime:
    """As the task says; else since it was first seen like this."""
    if task is not None and task.since is not None:
        return task.since
    key, party = (task.key, task.turn.value) if task else ("", "")
    if before is not None and (before.task, before.party) == (key, party):
        return before.since
    return now


def is_broken(connection: Connection | None) -> bool:
    if connection is None:
        return False
    circuit = getattr(connection, "circuit", None)
    is_open = circuit is not None and circuit.opened_at is not None
    return is_open or connection.health == Connection.Health.FAILING


def is_stale(connection: Connection | None, now: datetime) -> bool:
    """Nothing was read to its end for two days, though something was before."""
    if connection is None or connection.paused_at is not None:
        return False
    newest = max((done for _name, done in read_to_the_end(connection)), default=None)
    return newest is not None and newest < now - STALE


def refresh_due(*, seconds: float) -> int:
    """Compute what is due, the longest due first, for so many seconds at most; how many shops that were."""
    end, done = time.monotonic() + seconds, 0
    for shop in _due(timezone.now())[:BATCH]:
        try:
            refresh(shop)
        except Exception:  # our own bug with one shop: the others are shown all the same
            logger.exception("the standing of %s was not computed", shop.slug)
            Standing.objects.filter(shop=shop).update(computed_at=timezone.now(), dirty_at=None)
        done += 1
        if time.monotonic() > end:
            break
    return done


def _due(now: datetime) -> "QuerySet[Shop]":
    shops = Shop.objects.select_related("merchant", "connection", "connection__circuit")
    failing = Q(connection__health=Connection.Health.FAILING)
    failing |= Q(connection__circuit__opened_at__isnull=False)
    broke = failing & Q(standing__is_broken=False)
    mended = ~failing & Q(standing__is_broken=True)
    old = Q(standing__computed_at__lt=now - OLD)
    at_work = Q(standing__party=Party.PORTAL.value)
    new = Q(standing=None)
    marked = Q(standing__dirty_at__isnull=False)
    found = shops.filter(new | marked | at_work | broke | mended | old)
    return found.order_by(F("standing__computed_at").asc(nulls_first=True))
