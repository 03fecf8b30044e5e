"""Figures of the onboarding: how many shops are where, and how long the way to live takes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from django.core.cache import cache
from django.db.models import Count, Max, Min
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from onboarding import access, charts, phases
from onboarding.access import MemberRequest
from onboarding.charts import Plot
from onboarding.console_forms import PARTIES
from onboarding.models import Decision, Shop, Standing

YEAR = timedelta(days=365)
DAY = timedelta(days=1)
HOUR = 3600  # seconds


@dataclass(frozen=True, kw_only=True)
class _Lived:
    """Of the shops that went live in the last year: by month how many, and the median of their days."""

    median: float | None
    months: dict[str, tuple[int, float]]

    @classmethod
    def of(cls, days: Iterable[tuple[str, float]]) -> "_Lived":
        months: dict[str, list[float]] = {}
        for month, took in days:
            months.setdefault(month, []).append(took)
        every = [took for all_ in months.values() for took in all_]
        return cls(
            median=median(every) if every else None,
            months={month: (len(all_), round(median(all_), 1)) for month, all_ in months.items()},
        )


@require_safe
@access.staff_page
def statistics(request: MemberRequest) -> HttpResponse:
    """A fixed number of queries."""
    lived = _lived()
    context = {
        "shops": Shop.objects.count(),
        "live": Standing.objects.filter(is_live=True).count(),
        "median_days": None if lived.median is None else round(lived.median),
        "plots": [plot for plot in (_by_phase(), _by_party(), *_by_month(lived)) if plot],
    }
    return render(request, "console/statistics.html", context)


def _by_phase() -> Plot | None:
    counts = dict(Standing.objects.order_by().values_list("phase").annotate(count=Count("*")))
    labels = [*(str(one.short or one.title) for one in phases.PHASES), _("Done")]
    values = [counts.get(key, 0) for key in (*(one.key for one in phases.PHASES), "")]
    title, series = _("Shops by phase"), {_("Shops"): values}
    return charts.bars("phases", title, of=_("Phase"), labels=labels, series=series)


def _by_party() -> Plot | None:
    open_ = Standing.objects.exclude(party="").order_by()
    counts = dict(open_.values_list("party").annotate(count=Count("*")))
    labels = [str(name) for _key, name in PARTIES]
    series = {_("Shops"): [counts.get(key, 0) for key, _name in PARTIES]}
    title = _("Whose turn it is")
    return charts.bars("parties", title, of=_("Waiting for"), labels=labels, series=series)


def _lived() -> _Lived:
    """Read again when a shop goes live, and every hour: of ten thousand shops it is thousands of dates."""
    verified = Decision.objects.filter(kind=Decision.Kind.VERIFIED)
    key = f"days-to-live:{verified.aggregate(newest=Max('pk'))['newest']}"
    found: _Lived | None = cache.get(key)
    if found is None:
        found = _Lived.of(_days_to_live())
        cache.set(key, found, HOUR)
    return found


def _days_to_live() -> Iterator[tuple[str, float]]:
    """Of each shop that went live in the last year: in which month, and how many days after its beginning."""
    verified = Decision.objects.filter(kind=Decision.Kind.VERIFIED).order_by()
    first = verified.values("shop", "shop__created_at").annotate(first=Min("at"))
    found = first.filter(first__gt=timezone.now() - YEAR).values_list("first", "shop__created_at")
    for live, began in found:
        yield f"{live:%Y-%m}", (live - began) / DAY


def _by_month(lived: _Lived) -> Iterator[Plot | None]:
    """How many, and how long they took: each on an axis of its own."""
    labels = sorted(lived.months)
    names = [charts.month_name(month, short=True) for month in labels]
    shops = {_("Shops"): [lived.months[one][0] for one in labels]}
    days = {_("Days"): [lived.months[one][1] for one in labels]}
    went, took = _("Shops that went live"), _("Days until they were live, median")
    yield charts.bars("months", went, of=_("Month"), labels=names, series=shops)
    yield charts.bars("days", took, of=_("Month"), labels=names, series=days)
