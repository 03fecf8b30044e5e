"""Figures of the onboarding: how many shops are where, and how long the way to live takes."""

from collections import Counter
from datetime import timedelta
from statistics import median

from django.db.models import Count, DurationField, ExpressionWrapper, F, Min
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


@require_safe
@access.staff_page
def statistics(request: MemberRequest) -> HttpResponse:
    """A fixed number of queries."""
    days = _days_to_live()
    context = {
        "shops": Shop.objects.count(),
        "live": Standing.objects.filter(is_live=True).count(),
        "median_days": round(median(days.values())) if days else None,
        "plots": [plot for plot in (_by_phase(), _by_party(), _by_month(days)) if plot],
    }
    return render(request, "console/statistics.html", context)


def _by_phase() -> Plot | None:
    counts = dict(Standing.objects.order_by().values_list("phase").annotate(count=Count("pk")))
    labels = [*(str(one.short or one.title) for one in phases.PHASES), _("Done")]
    values = [counts.get(key, 0) for key in (*(one.key for one in phases.PHASES), "")]
    title, series = _("Shops by phase"), {_("Shops"): values}
    return charts.bars("phases", title, of=_("Phase"), labels=labels, series=series)


def _by_party() -> Plot | None:
    open_ = Standing.objects.exclude(party="").order_by()
    counts = dict(open_.values_list("party").annotate(count=Count("pk")))
    labels = [str(name) for _key, name in PARTIES]
    series = {_("Shops"): [counts.get(key, 0) for key, _name in PARTIES]}
    title = _("Whose turn it is")
    return charts.bars("parties", title, of=_("Waiting for"), labels=labels, series=series)


def _days_to_live() -> dict[tuple[str, int], float]:
    """Days from a shop's beginning to its first day in production, of the last year; by month and shop."""
    took = ExpressionWrapper(F("first") - F("created_at"), DurationField())
    live = Shop.objects.filter(decisions__kind=Decision.Kind.VERIFIED)
    found = live.annotate(first=Min("decisions__at")).annotate(took=took)
    return {
        (f"{shop.first:%Y-%m}", shop.pk): shop.took / DAY
        for shop in found.filter(first__gt=timezone.now() - YEAR)
    }


def _by_month(days: dict[tuple[str, int], float]) -> Plot | None:
    if not days:
        return None
    months = Counter(month for month, _shop in days)
    labels = sorted(months)
    medians = [
        round(median(d for (m, _shop), d in days.items() if m == month), 1) for month in labels
    ]
    series: dict[str, list[float]] = {
        _("Shops"): [months[one] for one in labels],
        _("Days, median"): medians,
    }
    names = [charts.month_name(month, short=True) for month in labels]
    return charts.bars(
        "months", _("Shops that went live"), of=_("Month"), labels=names, series=series
    )
