"""The button on the product pages: its settings, the ways to put it there, and what is found on the pages."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from onboarding import access, services
from onboarding.access import MemberRequest
from onboarding.models import PageLook, ProductPage, Shop, StorefrontAccess
from onboarding.views.pages import shop_context, shop_response, telling_when_the_queue_is_down
from onboarding.widget import consent, gtm, magento_module, snippet
from onboarding.widget.consent import TOOLS
from onboarding.widget.detect import Finding
from onboarding.widget.forms import PagesForm, PasswordForm, WidgetForm
from onboarding.widget.kleep import Kleep
from onboarding.widget.sentences import Sentence
from onboarding.widget.settings import Placement, WidgetSettings

TASK = "widget"
WAYS = ("html", "magento", "gtm", "wshop")


@dataclass(frozen=True, kw_only=True)
class PageLine:
    """One product page and what the newest look found."""

    url: str
    is_looking: bool
    at: datetime | None
    by: str
    sentences: list[tuple[str, Sentence]]  # each with an id of its own

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


def _site(request: MemberRequest, shop: Shop) -> str:
    """The site that the page is about: the one that is asked for, else the one the shop is at."""
    given = request.POST.get("site") or request.GET.get("site") or shop.environment
    if given not in Shop.Environment.values:
        raise Http404
    return given


def _address(name: str, shop: Shop, site: str) -> str:
    return f"{reverse(name, args=[shop.slug])}?site={site}"


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
    form, site = PagesForm(request.POST), _site(request, shop)
    if not form.is_valid():
        return _pages_response(request, shop, pages=form)
    services.set_product_pages(shop, site, form.cleaned_data["urls"], by=request.actor)
    return _look(request, shop, site)


@require_POST
@access.shop_task(TASK)
def widget_look(request: MemberRequest, shop: Shop) -> HttpResponseBase:
    return _look(request, shop, _site(request, shop))


@require_POST
@access.shop_task(TASK)
def widget_password(request: MemberRequest, shop: Shop) -> HttpResponseBase:
    """Seal a new user name and password for one site, or forget them."""
    site = _site(request, shop)
    if "remove" in request.POST:
        services.remove_storefront_access(shop, site, by=request.actor)
        messages.success(request, _("They are forgotten."))
        return redirect(_address("widget", shop, site))
    form = PasswordForm(request.POST)
    if not form.is_valid():
        return _pages_response(request, shop, password=form)
    services.save_storefront_access(shop, site, **form.cleaned_data, by=request.actor)
    messages.success(request, _("They are sealed. Nobody can read them here."))
    return _look(request, shop, site)


@access.shop_task(TASK)
def widget_settings(request: MemberRequest, shop: Shop) -> HttpResponseBase:
    form = WidgetForm(
        request.POST if request.method == "POST" else None, chosen=WidgetSettings.of(shop.widget)
    )
    if request.method == "POST" and form.is_valid():
        was_chosen = bool(shop.widget)
        if services.save_widget_settings(shop, form.to_settings(), by=request.actor):
            is_older = _("Saved. What you copied before is an earlier version now.")
            messages.success(request, is_older if was_chosen else _("Saved."))
        return redirect("widget_install", shop.slug)
    context = {"form": form, "tools": TOOLS.values(), **_tabs(shop, "settings")}
    return shop_response(
        request, shop, "onboarding/widget_settings.html", here=TASK, context=context
    )


@require_safe
@access.shop_task(TASK, viewers=True)
def widget_install(request: MemberRequest, shop: Shop) -> HttpResponseBase:
    """The ways to put the button on a page, each with its steps."""
    site, way = _site(request, shop), request.GET.get("way") or _usual_way(shop)
    if way not in WAYS:
        raise Http404
    chosen = WidgetSettings.of(shop.widget)
    context = {
        "way": way,
        "ways": [
            (key, label, f"{_address('widget_install', shop, site)}&way={key}")
            for key, label in _ways().items()
        ],
        "chosen": chosen,
        "needs_selector": way == "gtm" and chosen.placement is Placement.INLINE,
        "code": snippet.of_shop(shop, site) if chosen.retailer_uuid else "",
        "tool": TOOLS[chosen.cmp].label,
        "key": consent.key(chosen),
        "key_label": TOOLS[chosen.cmp].key_label,
        "install": magento_module.commands("Install"),
        "uninstall": magento_module.commands("Uninstall"),
        "event": gtm.EVENT,
        "data_layer": list(gtm.DATA_LAYER.items()),
        **_tabs(shop, "install"),
        **_sites(shop, site, "widget_install"),
    }
    return shop_response(
        request, shop, "onboarding/widget_install.html", here=TASK, context=context
    )


@require_safe
@access.shop_task(TASK, viewers=True)
def widget_module(request: MemberRequest, shop: Shop) -> HttpResponse:
    """The Magento module; with `integration` it also declares the integration."""
    wanted = magento_module.permissions() if "integration" in request.GET else ()
    return _file(
        request,
        shop,
        lambda **given: magento_module.build(**given, permissions=wanted).as_zip(),
        name="kleep-size-button.zip",
        content_type="application/zip",
    )


@require_safe
@access.shop_task(TASK, viewers=True)
def widget_tag(request: MemberRequest, shop: Shop) -> HttpResponse:
    """The container for the tag manager."""
    name = f"kleep-{shop.slug}-gtm.json"
    return _file(request, shop, gtm.as_file, name=name, content_type="application/json")


def _file(
    request: MemberRequest,
    shop: Shop,
    make: Callable[..., bytes],
    *,
    name: str,
    content_type: str,
) -> HttpResponse:
    chosen = WidgetSettings.of(shop.widget)
    if not chosen.retailer_uuid:
        raise Http404
    site = _site(request, shop)
    content = make(settings=chosen, slug=shop.slug, environment=site, kleep=Kleep.configured())
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=content_type, headers=headers)


def _look(request: MemberRequest, shop: Shop, site: str) -> HttpResponseBase:
    with telling_when_the_queue_is_down(request):
        services.start_look(shop, site, by=request.actor)
    return redirect(_address("widget", shop, site))


def _pages_response(
    request: MemberRequest,
    shop: Shop,
    *,
    pages: PagesForm | None = None,
    password: PasswordForm | None = None,
) -> HttpResponse:
    site = _site(request, shop)
    kept = shop.product_pages.filter(environment=site).values_list("url", flat=True)
    context = {
        "pages": pages or PagesForm(initial={"urls": "\n".join(kept)}),
        "password": password or PasswordForm(),
        "form": pages or password,
        "kept_password": StorefrontAccess.objects.filter(shop=shop, environment=site).first(),
        **_tabs(shop, "look"),
        **_sites(shop, site, "widget"),
        **_found(request, shop),
    }
    return shop_response(request, shop, "onboarding/widget.html", here=TASK, context=context)


def _found(request: MemberRequest, shop: Shop) -> dict[str, Any]:
    site = _site(request, shop)
    pages = shop.product_pages.filter(environment=site)
    lines = [PageLine.of(page) for page in pages]
    return {
        "lines": lines,
        "is_looking": any(line.is_looking for line in lines),
        "site": site,
        "has_settings": bool(shop.widget),
    }


def _tabs(shop: Shop, tab: str) -> dict[str, Any]:
    names = {
        "settings": (_("1. Choose"), "widget_settings"),
        "install": (_("2. Install"), "widget_install"),
        "look": (_("3. Look at your pages"), "widget"),
    }
    found = [(key, name, reverse(url, args=[shop.slug])) for key, (name, url) in names.items()]
    return {"tab": tab, "tabs": found}


def _sites(shop: Shop, site: str, name: str) -> dict[str, Any]:
    sites = [
        (str(key), label, _address(name, shop, key)) for key, label in Shop.Environment.choices
    ]
    return {"site": site, "site_tabs": sites}


def _ways() -> dict[str, str]:
    return {
        "html": _("Snippet"),
        "magento": _("Magento module"),
        "gtm": _("Google Tag Manager"),
        "wshop": "WSHOP",
    }


def _usual_way(shop: Shop) -> str:
    """What a shop on that platform most likely takes."""
    platform = shop.connection.platform if shop.connection else shop.platform
    return platform if platform in ("magento", "wshop") else "html"
