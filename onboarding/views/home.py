"""The list of shops, a new shop, and the choices of language and appearance."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django.views.i18n import set_language

from onboarding import access, phases, services
from onboarding.access import MemberRequest
from onboarding.forms import ShopForm
from onboarding.models import Shop, User
from onboarding.phases import Facts
from onboarding.together import Together

PER_PAGE = 10
THEMES = ("light", "dark")
ONE_YEAR = 365 * 24 * 3600


@require_safe
@access.member_page
def home(request: MemberRequest) -> HttpResponse:
    """The shops of the person's merchants, or of the one they chose, each with what it needs next."""
    query = request.GET.get("q", "").strip()
    shops = access.shops(request.user).order_by("merchant__name", "name")
    if company := access.chosen_merchant(request.user):
        shops = shops.filter(merchant=company)
    if query:
        shops = shops.filter(Q(name__icontains=query) | Q(merchant__name__icontains=query))
    page = Paginator(shops, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": _rows(list(page)),
        "query": query,
        "is_searchable": bool(query) or page.has_other_pages(),
        "may_add": access.changeable_merchants(request.user).exists(),
    }
    return render(request, "onboarding/home.html", context)


def _rows(shops: list[Shop]) -> list[dict[str, Any]]:
    """Each shop, how far it is in each phase, and what comes next; as many queries as for one."""
    together = Together(shops)
    return [_row(shop, Facts(shop, together)) for shop in shops]


def _row(shop: Shop, facts: Facts) -> dict[str, Any]:
    steps = phases.steps(shop, facts)
    tasks = [task for step in steps for task in step.tasks]
    next_task = phases.next_task(tasks)
    troubles = phases.troubles(tasks, besides=next_task)
    return {"shop": shop, "steps": steps, "next_task": next_task, "troubles": troubles}


@access.member_page
def shop_new(request: MemberRequest) -> HttpResponse:
    if not access.changeable_merchants(request.user).exists():
        raise PermissionDenied
    form = ShopForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        shop = services.create_shop(**form.cleaned_data, by=request.user)
        messages.success(request, _("%(shop)s was added.") % {"shop": shop.name})
        return redirect("platform", shop.slug)
    return render(request, "onboarding/shop_form.html", {"form": form})


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Switch the language of the pages, and of the e-mails of whoever is logged in."""
    response = set_language(request)
    chosen = request.POST.get("language", "")
    if isinstance(request.user, User) and chosen in dict(settings.LANGUAGES):
        User.objects.filter(pk=request.user.pk).update(language=chosen)
    return response


def back_to(request: HttpRequest) -> HttpResponse:
    """To the page of ours that the form names, else to the first one."""
    wanted = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return HttpResponseRedirect(wanted if is_ours else "/")


@require_POST
def appearance(request: HttpRequest) -> HttpResponse:
    """Light, dark, or as the device says."""
    response = back_to(request)
    theme = request.POST.get("theme")
    if theme in THEMES:
        response.set_cookie(
            "theme", theme, max_age=ONE_YEAR, samesite="Lax", secure=request.is_secure()
        )
    else:
        response.delete_cookie("theme", samesite="Lax")
    return response
