"""The templates' vocabulary: icons, form fields, numbers and statuses look the same on every page."""

from datetime import datetime
from typing import Any

from django import template
from django.forms import (
    BoundField,
    CheckboxInput,
    CheckboxSelectMultiple,
    ClearableFileInput,
    FileInput,
    RadioSelect,
    Select,
    Textarea,
)
from django.forms.boundfield import BoundWidget
from django.template.context import RequestContext
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy, ngettext

from connectors import languages
from connectors.readiness import Freshness, Measure
from connectors.readiness_rules import Verdict
from connectors.readiness_rules import percent as percent_text
from onboarding.browser.sentences import SCREENS
from onboarding.charts import Plot
from onboarding.phases import Party, State, Step, Task

register = template.Library()
register.filter("language_of", languages.of_locale)

WEEK = 7 * 24  # hours
SPRITE = "vendor/bootstrap-icons-1.13.1/icons.svg"


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An icon of the sprite; without a label it is decoration that screen readers skip."""
    use = format_html('<use href="{}#{}"></use>', static(SPRITE), name)
    if label:
        return format_html('<svg class="icon" role="img" aria-label="{}">{}</svg>', label, use)
    return format_html('<svg class="icon" aria-hidden="true">{}</svg>', use)


def _css_class(bound: BoundField) -> str:
    match bound.field.widget:
        case CheckboxInput() | RadioSelect() | CheckboxSelectMultiple():
            base = "form-check-input"
        case Select():
            base = "form-select"
        case _:
            base = "form-control"
    given = str(bound.field.widget.attrs.get("class", ""))
    return " ".join(filter(None, (base, given, "is-invalid" if bound.errors else "")))


@register.inclusion_tag("_partials/field.html")
def field(
    bound: BoundField, note: str = "", *, live: bool = False, step: int | None = None
) -> dict[str, Any]:
    """A label, its help, the input and its errors, tied together for screen readers.

    `note`: what is known of the field already. `live`: leave a place for hints while typing. `step`: of
    the guide beside the form, which leads to what is asked for.
    """
    widget = bound.field.widget
    # A placeholder would repeat the label, as the library's do, and go when one types.
    attrs: dict[str, str | bool] = {"class": _css_class(bound), "placeholder": False}
    if isinstance(widget, Textarea) and "rows" not in widget.attrs:
        attrs["rows"] = "4"
    if note and not bound.is_hidden:
        attrs["aria-describedby"] = f"{bound.aria_describedby or ''} {bound.auto_id}_note".strip()
    return {
        "field": bound,
        "input": bound.as_widget(attrs=attrs),
        "choices": _choices(bound, attrs) if bound.use_fieldset else [],
        "note": note,
        "live": live,
        "step": step,
        "is_checkbox": isinstance(widget, CheckboxInput),
        "is_group": bound.use_fieldset,
        "is_file": isinstance(widget, FileInput | ClearableFileInput),
    }


def _choices(bound: BoundField, attrs: dict[str, str | bool]) -> list[BoundWidget]:
    """The inputs of a group one by one, each with its own label."""
    widget = bound.field.widget
    given = bound.build_widget_attrs({"id": bound.auto_id, **attrs}, widget)
    parts = widget.subwidgets(bound.html_name, bound.value(), attrs=given)
    return [BoundWidget(widget, part, bound.form.renderer) for part in parts]


@register.inclusion_tag("_partials/status.html")
def status(tone: str, text: str) -> dict[str, Any]:
    """One word or two with a colour and an icon. `tone`: good, warn, bad, calm, busy, locked or done."""
    return {"tone": tone, "text": text}


@register.inclusion_tag("_partials/note.html")
def note(tone: str, title: str = "", text: str = "", **more: str) -> dict[str, Any]:
    """A note with an icon. `action` and `action_url`: what to do about it; `role`: alert or status."""
    return {"tone": tone, "title": title, "text": text, **more}


@register.inclusion_tag("_partials/plot.html")
def plot(drawn: Plot) -> dict[str, Any]:
    """A plot of onboarding.charts with its figures as a table."""
    return {"plot": drawn}


@register.inclusion_tag("_partials/confirm.html", takes_context=True)
def confirm(
    context: RequestContext,
    id: str,
    *,
    open: str,
    url: str,
    title: str,
    action: str,
    text: str = "",
    tone: str = "danger",
    hidden: dict[str, str] | None = None,
) -> dict[str, Any]:
    """A button that asks before it posts to `url`: a popover of the browser's own, without JavaScript.

    What deserves more than two sentences is asked on a page of its own: templates/confirm.html.
    """
    given = {"id": id, "open": open, "url": url, "title": title, "action": action, "text": text}
    token = context.get("csrf_token")
    return {**given, "tone": tone, "hidden": hidden or {}, "csrf_token": token}


@register.inclusion_tag("_partials/code_block.html")
def code_block(id: str, title: str, code: str) -> dict[str, Any]:
    """Code to copy. `id` is unique on the page."""
    return {"id": id, "title": title, "code": code, "is_one_line": "\n" not in code.strip()}


TONES = {
    State.COMPLETED: ("done", gettext_lazy("Completed"), "check-circle-fill", "good"),
    State.INCOMPLETE: ("calm", gettext_lazy("To do"), "circle", ""),
    State.WORKING: ("busy", gettext_lazy("In progress"), "arrow-repeat", ""),
    State.LOCKED: ("locked", gettext_lazy("Cannot start yet"), "lock-fill", ""),
    State.PROBLEM: ("bad", gettext_lazy("There is a problem"), "exclamation-triangle-fill", "bad"),
}


@register.inclusion_tag("_partials/status.html")
def task_status(task: Task) -> dict[str, Any]:
    """The state of a task, in words; a completed one is plain text, so that the others stand out."""
    tone, text, *_rest = TONES[task.state]
    return {"tone": tone, "text": text}


@register.inclusion_tag("_partials/phase_mark.html")
def phase_mark(step: Step, number: int) -> dict[str, Any]:
    """A phase's number, or the sign of its state."""
    tone, text, *_rest = TONES[step.state]
    return {"tone": tone, "text": text, "number": number}


@register.simple_tag
def turn(task: Task) -> str:
    """Whose turn it is, and since when, as the merchant reads it."""
    return _since(task.waiting_text, task.since)


def _since(whose: str, since: datetime | None) -> str:
    if since is None:
        return whose
    days = (timezone.now() - since).days
    if days < 1:
        return gettext("%(whose)s, since today") % {"whose": whose}
    said = ngettext("%(whose)s, for %(number)s day", "%(whose)s, for %(number)s days", days)
    return said % {"whose": whose, "number": days}


WAITED_FOR = {
    Party.KLEEP: gettext_lazy("Kleep's turn"),
    Party.MERCHANT: gettext_lazy("Waiting for the merchant"),
    Party.AGENCY: gettext_lazy("Waiting for an agency"),
    Party.PORTAL: gettext_lazy("The portal works on it"),
}


@register.simple_tag
def waited_for(task: Task) -> str:
    """The same as Kleep's staff read it."""
    return _since(str(WAITED_FOR[task.turn]), task.since)


@register.simple_tag
def task_icon(task: Task) -> SafeString:
    """The state of a task as a small icon with its words for screen readers."""
    _tone, text, name, colour = TONES[task.state]
    return format_html('<span class="{}">{}</span>', colour, icon(name, str(text)))


VERDICTS = {
    Verdict.GOOD: ("good", gettext_lazy("Good")),
    Verdict.DOES_NOT_BLOCK: ("warn", gettext_lazy("Does not block the go-live")),
    Verdict.BLOCKS: ("bad", gettext_lazy("Holds the go-live up")),
}


@register.inclusion_tag("_partials/status.html")
def verdict_status(measure: Measure) -> dict[str, Any]:
    """How good a measure is, in words."""
    tone, text = VERDICTS[measure.verdict]
    return {"tone": tone, "text": text}


@register.inclusion_tag("_partials/share.html")
def share_bar(share: float | None) -> dict[str, Any]:
    """A bar as wide as the share; its number stands beside it."""
    return {"width": round(100 * (share or 0)), "tone": ""}


@register.inclusion_tag("_partials/share.html")
def age_bar(line: Freshness) -> dict[str, Any]:
    """A bar that is full after a week."""
    tone, _text = VERDICTS[line.verdict]
    return {"width": min(100, max(2, 100 * (line.hours or 0) // WEEK)), "tone": tone}


@register.filter
def percent(share: float | None) -> str:
    """0.5 -> "50%"; nothing where there is no share."""
    return "" if share is None else percent_text(share)


MOMENTS = {
    "before": gettext_lazy("before consent"),
    "button": gettext_lazy("the button"),
    "drawer": gettext_lazy("after the click"),
}


@register.simple_tag
def picture_name(name: str) -> str:
    """What a picture of a run shows: mobile-drawer -> "On a telephone, after the click"."""
    screen, _dash, moment = name.partition("-")
    return f"{SCREENS[screen]}, {MOMENTS[moment]}"
