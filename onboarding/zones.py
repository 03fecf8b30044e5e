"""The choice of a time zone: hundreds of them, found once and written once."""

from collections.abc import Iterator
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

# The usual ones first; the rest of the world behind them.
USUAL = ("Europe/Paris", "Europe/London", "Europe/Berlin", "Europe/Madrid", "Europe/Rome", "UTC")
Choice = tuple[str, str]


@cache
def zones() -> tuple[Choice, ...]:
    """All that this machine knows; Python looks through its folders for them each time."""
    rest = sorted(available_timezones() - {*USUAL, "localtime", "Factory"})
    return tuple((zone, zone.replace("_", " ")) for zone in (*USUAL, *rest))


@cache
def _options() -> SafeString:
    return format_html_join("", '<option value="{}">{}</option>', zones())


class ZoneSelect(forms.Select):
    """Django's own renders a template for each option, which takes longer than all else of a page."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        options: str = _options()
        if value in dict(zones()):
            chosen = format_html('<option value="{}"', value)
            options = options.replace(chosen, f"{chosen} selected", 1)
        given = flatatt(self.build_attrs(self.attrs, attrs))
        # The options are escaped already, and the chosen one is of them.
        shown = mark_safe(options)  # noqa: S308
        return format_html('<select name="{}"{}>{}</select>', name, given, shown)


def zone_field(label: Any, help_text: Any = "") -> forms.ChoiceField:
    """A field of a form; its choices are looked at only where one is checked."""

    def choices() -> Iterator[Choice]:
        return iter(zones())

    return forms.ChoiceField(choices=choices, widget=ZoneSelect, label=label, help_text=help_text)
