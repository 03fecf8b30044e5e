"""The pipeline: every shop by phase, whose turn it is and since when; what Kleep can unblock comes first."""

from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import IntegrityError, transaction
from django.db.models import Count, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from onboarding import access, phases
from onboarding.access import MemberRequest
from onboarding.console_forms import DONE, PARTIES, PipelineForm, SavedViewForm
from onboarding.models import SavedView, Shop, Standing
from onboarding.services import steering
from onboarding.standing import TASKS

PER_PAGE = 50
MOST_AT_ONCE = 100  # shops of one bulk action
STEERING = ("manager", "approver")


@require_safe
@access.staff_page
def pipeline(request: MemberRequest) -> HttpResponse:
    """A fixed number of queries, whatever the number of shops."""
    form = PipelineForm(request.GET)
    found = form.narrowed(Standing.objects.all())
    # Only what is shown is looked up: a late page would join all that lie before it, and for a join
    # PostgreSQL reads the whole table of shops.
    order = found.order_by("rank", "since", "pk").values_list("pk", flat=True)
    # What is looked up in every shop is so once, not a second time to be counted.
    is_slow = form.cleaned_data.get("q") or form.cleaned_data.get("language")
    searched = list(order) if is_slow else order
    page = Paginator(searched, PER_PAGE).get_page(request.GET.get("page"))
    shown = Standing.objects.prefetch_related("shop__merchant", "shop__owner").in_bulk(list(page))
    query = _query(request.GET.urlencode())
    context = {
        "form": form,
        "page": page,
        "rows": [_row(shown[pk]) for pk in page if pk in shown],
        "query": query,
        "phases": _counted(form),
        "views": SavedView.objects.filter(user=request.user),
        "view_form": SavedViewForm(initial={"query": query}),
        "may_steer": may_steer(request),
    }
    return render(request, "console/pipeline.html", context)


def may_steer(request: MemberRequest) -> bool:
    return request.user.staff_role in STEERING or request.user.is_superuser


def _query(address: str) -> str:
    """The filters of an address, without the page."""
    return urlencode([(k, v) for k, v in parse_qsl(address) if v and k in PipelineForm.base_fields])


def _row(standing: Standing) -> dict[str, Any]:
    return {
        "standing": standing,
        "shop": standing.shop,
        "task": TASKS.get(standing.task, standing.task),
        "party": dict(PARTIES).get(standing.party, ""),
    }


def _counted(form: PipelineForm) -> list[dict[str, Any]]:
    """How many shops are in each phase, whatever else is filtered: the pipeline itself."""
    counts = dict(Standing.objects.order_by().values_list("phase").annotate(count=Count("*")))
    here = form.cleaned_data.get("phase", "")
    steps = [
        {
            "key": one.key,
            "title": one.short or one.title,
            "count": counts.get(one.key, 0),
            "here": one.key == here,
        }
        for one in phases.PHASES
    ]
    done = {"key": DONE, "title": _("Done"), "count": counts.get("", 0), "here": here == DONE}
    return [*steps, done]


@require_POST
@access.staff_change(*STEERING)
def bulk(request: MemberRequest) -> HttpResponse:
    """Remind the companies of the chosen shops, or take the shops into one's own charge."""
    shops = _chosen(request)
    match request.POST.get("action"):
        case "nudge" | "take" if not shops:
            messages.warning(request, _("Choose shops first: tick them in the list."))
        case "nudge":
            _nudge(request, shops)
        case "take":
            for shop in shops:
                steering.assign(shop, request.user, by=request.user)
            count = len(shops)
            text = ngettext("%(count)d shop is yours now.", "%(count)d shops are yours now.", count)
            messages.success(request, text % {"count": count})
        case _:
            raise Http404
    return redirect(f"{request.path.removesuffix('bulk')}?{_query(request.POST.get('query', ''))}")


def _nudge(request: MemberRequest, shops: "QuerySet[Shop]") -> None:
    told = sum(steering.nudge(shop, by=request.user) for shop in shops)
    if not told:
        text = _("Nobody was reminded: it is not their turn, or they were reminded today already.")
        messages.info(request, text)
        return
    text = ngettext("%(count)d e-mail is on its way.", "%(count)d e-mails are on their way.", told)
    messages.success(request, text % {"count": told})


def _chosen(request: MemberRequest) -> "QuerySet[Shop]":
    slugs = request.POST.getlist("shop")[:MOST_AT_ONCE]
    return Shop.objects.select_related("merchant", "connection").filter(slug__in=slugs)


@require_POST
@access.staff_page
def save_view(request: MemberRequest) -> HttpResponse:
    form = SavedViewForm(request.POST)
    if form.is_valid():
        query = _query(form.cleaned_data["query"])
        try:
            with transaction.atomic():
                SavedView.objects.create(
                    user=request.user, name=form.cleaned_data["name"], query=query
                )
        except IntegrityError:
            messages.error(request, _("You have a view of that name already."))
    else:
        messages.error(request, _("Give the view a name."))
    return redirect(f"/console/?{_query(request.POST.get('query', ''))}")


@require_POST
@access.staff_page
def delete_view(request: MemberRequest, view: int) -> HttpResponse:
    get_object_or_404(SavedView, pk=view, user=request.user).delete()
    return redirect("pipeline")
