"""How the pages say when something was."""

from datetime import datetime

from django import template
from django.utils.html import format_html

from onboarding import moments

register = template.Library()


@register.filter
def moment(at: datetime | None, form: str = moments.USUAL) -> str:
    """In words, and for programs; a dash for what has not been."""
    if at is None:
        return "—"
    said = moments.in_words(at, form)
    return format_html('<time datetime="{}">{}</time>', at.isoformat(), said)
