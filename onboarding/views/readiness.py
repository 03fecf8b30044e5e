"""Is the data good enough? The measures, their plots and the same as JSON."""

from django.http import Http404, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from connectors import measured
from connectors.arrivals import LABELS
from connectors.readiness import Measure, Readiness
from onboarding import access, charts
from onboarding.access import MemberRequest
from onboarding.charts import Plot
from onboarding.models import Shop
from onboarding.views.pages import shop_response


@require_safe
@access.shop_page
def page(request: MemberRequest, shop: Shop) -> HttpResponse:
    found = _measured(shop)
    context = {
        "blocking": [measure for measure in found.measures if measure.blocks],
        "better": [one for one in found.measures if not one.is_good and not one.blocks],
        "good": [measure for measure in found.measures if _is_listed(measure)],
        "summary": _summary(found),
        "plots": _plots(found),
        "freshness": [(line, LABELS[line.dataset]) for line in found.freshness],
        "coverage": [
            (name, LABELS[name], lines) for name, lines in found.coverage.items() if lines[0].of
        ],
    }
    return shop_response(request, shop, "onboarding/readiness.html", here="data", context=context)


@require_safe
@access.shop_page
def document(request: MemberRequest, shop: Shop) -> JsonResponse:
    return JsonResponse({"shop": shop.slug, **_measured(shop).to_json()})


def _measured(shop: Shop) -> Readiness:
    if shop.connection is None:
        raise Http404
    return measured.measure(shop.connection, shop.store)


def _is_listed(measure: Measure) -> bool:
    """Good, and not seen elsewhere: what is fresh is in its table."""
    return measure.is_good and not measure.name.startswith("freshness_of_")


def _summary(found: Readiness) -> dict[str, str]:
    if not found.is_ok:
        title = _("Not yet: something that is needed is missing.")
        detail = _("The red lines below hold the go-live up. Each says what to do.")
        return {"tone": "bad", "title": title, "detail": detail}
    if not all(measure.is_good for measure in found.measures):
        title = _("Good enough to go live.")
        detail = _("Some lines below would make the advice better; they do not hold you up.")
        return {"tone": "good", "title": title, "detail": detail}
    title = _("The data is good.")
    return {"tone": "good", "title": title, "detail": _("Nothing needs to be done.")}


def _plots(found: Readiness) -> list[Plot]:
    """A plot per dataset that has any rows with a date."""
    today = found.measured_at.date()
    drawn = (
        charts.monthly(name, str(LABELS[name]), rows, today=today)
        for name, rows in found.volumes.items()
    )
    return [plot for plot in drawn if plot]
