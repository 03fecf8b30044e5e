"""What the pages about the button have in common: their three steps, and the site that they are about."""

from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from onboarding.access import MemberRequest
from onboarding.models import Shop

TASK = "widget"


def site(request: MemberRequest, shop: Shop) -> str:
    """The site that the page is about: the one that is asked for, else the one the shop is at."""
    given = request.POST.get("site") or request.GET.get("site") or shop.environment
    if given not in Shop.Environment.values:
        raise Http404
    return given


def address(name: str, shop: Shop, site: str) -> str:
    return f"{reverse(name, args=[shop.slug])}?site={site}"


def tabs(shop: Shop, tab: str) -> dict[str, Any]:
    names = {
        "settings": (_("1. Choose"), "widget_settings"),
        "install": (_("2. Install"), "widget_install"),
        "look": (_("3. Look at your pages"), "widget"),
    }
    found = [(key, name, reverse(url, args=[shop.slug])) for key, (name, url) in names.items()]
    return {"tab": tab, "tabs": found}


def sites(shop: Shop, site: str, name: str) -> dict[str, Any]:
    sites = [(str(key), label, address(name, shop, key)) for key, label in Shop.Environment.choices]
    return {"site": site, "site_tabs": sites}
