"""For the administration's pages: the way to the console, and what can be done about one row."""

from typing import Any

from django import template
from django.contrib import admin
from django.db.models import Model
from django.template.context import RequestContext

from onboarding.admin_support import console_url, shop_of

register = template.Library()


@register.simple_tag
def console_of(row: Model | None) -> str:
    """The console's page of the shop that a row belongs to; blank where it belongs to none."""
    shop = shop_of(row)
    return console_url(shop) if shop else ""


@register.simple_tag(takes_context=True)
def actions_of(context: RequestContext, row: Model | None) -> list[tuple[str, Any]]:
    """The actions of the list of such rows that this person has, to be done to this one: name and title."""
    page = admin.site._registry.get(type(row)) if row is not None else None
    if page is None or context.request is None:
        return []
    actions = page.get_actions(context.request)
    return [
        (name, action[2])
        for name, action in actions.items()
        if action and name != "delete_selected"  # which has a page of its own
    ]
