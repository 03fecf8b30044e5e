"""The product pages on which the button is looked for, the password before them, and what is found."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from onboarding import access, services
from onboarding.access import MemberRequest
from onboarding.models import PageLook, ProductPage, Shop, StorefrontAccess
from onboarding.views.pages import shop_context, shop_response, telling_when_the_queue_is_down
from onboarding.views.widget_steps import TASK, address, site, sites, tabs
from onboarding.widget.detect import Finding, Tone
from onboarding.widget.forms import PagesForm, PasswordForm
from onboarding.widget.sentences import Sentence


@dataclass(frozen=True, kw_only=True)
class PageLine:
    """One product page and what the newest look found."""

    url: str
    is_looking: bool
    at: datetime | None
    by: str
    sentences: list[tuple[str, Sentence]]  # each with an id of its own

    @property
    def is_right(self) -> bool:
        """Looked at, and nothing on it has to be mended."""
        wrong = any(sentence.tone == Tone.WRONG for _id, sentence in self.sentences)
        return self.at is not None and not self.is_looking and not wrong

    @classmethod
    def of(cls, page: ProductPage) -> "PageLine":
        looks = list(page.looks.all()[:2])
        done = next((look for look in looks if look.finished_at is not None), None)
        return cls(
            url=page.url,
            is_looking=bool(looks) and looks[0].finished_at is None,
            at=done.finished_at if done else None,
            by=done.asked_by if done else "",
            sentences=_sentences(page, done) if done else [],
        )


def _sentences(page: ProductPage, look: PageLook) -> list[tuple[str, Sentence]]:
    return [
        (f"{page.pk}-{at}", Sentence.of(Finding(one["code"], one["params"])))
        for at, one in enumerate(look.findings, start=1)
    ]


@require_safe
@access.shop_task(TASK, viewers=True)
def widget(request: MemberRequest, shop: Shop) -> HttpResponseBase:
    """The product pages, and what is found on them."""
    return _pages_response(request, shop)


@require_safe
@access.shop_task(TASK, viewers=True)
def widget_found(request: MemberRequest, shop: Shop) -> HttpResponse:
    """The part of the page that fetches itself again while pages are looked at."""
    shared = shop_context(request, shop, here=TASK)
    context = {**shared, **_found(request, shop)}
    return render(request, "onboarding/_widget_found.html", context)


@require_POST
@access.shop_task(TASK)
def widget_pages(request: MemberRequest, shop: Shop) -> HttpResponseBase:
    """Keep the addresses, and look at the pages at once."""
    form, here = PagesForm(request.POST), site(request, shop)
    if not form.is_valid():
        return _pages_response(request, shop, pages=form)
    services.set_product_pages(shop, here, form.cleaned_data["urls"], by=request.actor)
    return _look(request, shop, here)


@require_POST
@access.shop_task(TASK)
def widget_look(request: MemberRequest, shop: Shop) -> HttpResponseBase:
    return _look(request, shop, site(request, shop))


@require_POST
@access.shop_task(TASK)
def widget_password(request: MemberRequest, shop: Shop) -> HttpResponseBase:
    """Seal a new user name and password for one site, or forget them."""
    here = site(request, shop)
    if "remove" in request.POST:
        services.remove_storefront_access(shop, here, by=request.actor)
        messages.success(request, _("They are forgotten."))
        return redirect(address("widget", shop, here))
    form = PasswordForm(request.POST)
    if not form.is_valid():
        return _pages_response(request, shop, password=form)
    services.save_storefront_access(shop, here, **form.cleaned_data, by=request.actor)
    messages.success(request, _("They are sealed. Nobody can read them here."))
    return _look(request, shop, here)


def _look(request: MemberRequest, shop: Shop, here: str) -> HttpResponseBase:
    with telling_when_the_queue_is_down(request):
        services.start_look(shop, here, by=request.actor)
    return redirect(address("widget", shop, here))


def _pages_response(
    request: MemberRequest,
    shop: Shop,
    *,
    pages: PagesForm | None = None,
    password: PasswordForm | None = None,
) -> HttpResponse:
    here = site(request, shop)
    kept = shop.product_pages.filter(environment=here).values_list("url", flat=True)
    context = {
        "pages": pages or PagesForm(initial={"urls": "\n".join(kept)}),
        "password": password or PasswordForm(),
        "form": pages or password,
        "kept_password": StorefrontAccess.objects.filter(shop=shop, environment=here).first(),
        **tabs(shop, "look"),
        **sites(shop, here, "widget"),
        **_found(request, shop),
    }
    return shop_response(request, shop, "onboarding/widget.html", here=TASK, context=context)


def _found(request: MemberRequest, shop: Shop) -> dict[str, Any]:
    here = site(request, shop)
    pages = shop.product_pages.filter(environment=here)
    lines = [PageLine.of(page) for page in pages]
    return {
        "lines": lines,
        "is_looking": any(line.is_looking for line in lines),
        "was_looked_at": any(line.at for line in lines),
        "is_right": bool(lines) and all(line.is_right for line in lines),
        "site": here,
        "has_settings": bool(shop.widget),
    }
