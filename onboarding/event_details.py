"""What was written down with an event, in the reader's language; all of it is for Kleep's staff alone."""

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import replace
from typing import Any

from django.db.models import Choices
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from connectors.models import ReceivedFile
from onboarding import moments, platforms, product_questions, signed_lines
from onboarding.browser import sentences
from onboarding.erasure_plan import LABELS
from onboarding.events import Line
from onboarding.models import Erasure, Event, FileSource, Membership, Shop
from onboarding.standing import TASKS
from onboarding.widget.forms import WidgetForm
from onboarding.widget.sentences import TITLES as FINDINGS

MOST = 200  # characters
# Numbers by which the portal finds things again: they say nothing to a person.
UNSAID = {"check", "decision", "erasure", "file", "incident", "message"}
IN_BRIEF = {"environment", "item", "name", "resource", "role", "task"}
# In the order in which they are said: whom it is about and what it was come first.
NAMES: dict[str, str | Promise] = {
    "name": _("Name"),
    "email": _("E-mail address"),
    "before": _("Before"),
    "after": _("Now"),
    "archive": _("Put aside once taken"),
    "at_work": _("Was at work"),
    "attributes": _("Attributes"),
    "changed": _("What changed"),
    "config": _("Settings"),
    "counts": _("How many"),
    "emptied": _("Emptied"),
    "environment": _("Site"),
    "events": _("Lines of the history"),
    "files": _("Files"),
    "fingerprint": _("Fingerprint"),
    "format": _("Format"),
    "item": _("Line of the checklist"),
    "known": _("Known so far"),
    "languages": _("Languages"),
    "owner": _("In charge"),
    "pages": _("Pages"),
    "platform": _("Platform"),
    "policy": _("If a row is wrong"),
    "reason": _("Reason"),
    "resource": _("What"),
    "resources": _("What"),
    "returns": _("Source of returns"),
    "role": _("Role"),
    "rows": _("Rows"),
    "run": _("Run"),
    "same": _("The same"),
    "secret": _("Credential"),
    "secrets": _("Credentials"),
    "shown": _("Shown now"),
    "since": _("Since"),
    "slug": _("Shop"),
    "source": _("Shop"),
    "stood_at": _("Stood at"),
    "store": _("Store view"),
    "subject": _("About"),
    "table": _("Table"),
    "task": _("Task"),
    "time_zone": _("Time zone"),
    "to": _("Sent to"),
    "unknown": _("Not known"),
    "until": _("Until"),
    "url": _("Page"),
    "urls": _("Pages"),
    "way": _("How they come"),
    "what": _("What"),
    "dry_run": _("Checked only"),
    "reread": _("Is read again"),
}
Say = Callable[[str, Event], str]


def lines(events: Iterable[Event]) -> list[Line]:
    """The events with all their details: for Kleep's staff."""
    return [replace(Line.of(event), detail=of(event)) for event in events]


def lines_in_brief(events: Iterable[Event]) -> list[Line]:
    """The events with what tells one from the next of its kind."""
    return [replace(Line.of(event), detail=of(event, only=IN_BRIEF)) for event in events]


def of(event: Event, *, only: Container[str] = ()) -> str:
    """ "What: Orders, Read again: Products"; what is not known by name is said as it was written.

    `only`: the names of those that are said, unless it is all.
    """
    colon = pgettext("between a name and its value", ": ")
    said = (
        f"{NAMES.get(name, name)}{colon}{_value(name, value, event)}"
        for name, value in sorted(event.data.items(), key=_place)
        if name not in UNSAID and (not only or name in only) and not _says_nothing(name, value)
    )
    return ", ".join(said)[:MOST]


def _place(named: tuple[str, Any]) -> int:
    """As they are listed here: PostgreSQL keeps names in an order of its own."""
    return list(NAMES).index(named[0]) if named[0] in NAMES else len(NAMES)


def _says_nothing(name: str, value: object) -> bool:
    """That two secrets are not the same is an answer; that nothing else was asked for is none."""
    return (value is False and name != "same") or value in ("", None, [], {})


def _value(name: str, value: Any, event: Event) -> str:
    say = SAYING.get(name, _as_written)
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, Mapping):
        return _pairs(name, value, event)
    if isinstance(value, list):
        return ", ".join(say(str(one), event) for one in value)
    return say(str(value), event)


def _pairs(name: str, value: Mapping[str, Any], event: Event) -> str:
    """Of what has parts of its own, those that are one value."""
    say = NAMING.get(name, _as_written)
    flat = {key: part for key, part in value.items() if not isinstance(part, dict | list)}
    return ", ".join(f"{say(key, event)} {part}" for key, part in flat.items() if part != "")


def _as_written(value: str, _event: Event) -> str:
    return value


def _choice(choices: type[Choices]) -> Say:
    return _known(dict(choices.choices))


def _known(labels: Mapping[str, Any]) -> Say:
    return lambda value, _event: str(labels.get(value, value))


def _moment(value: str, _event: Event) -> str:
    moment = parse_datetime(value)
    return moments.in_words(moment) if moment else value


def _platform(value: str, _event: Event) -> str:
    return next((one.label for one in platforms.choices() if one.key == value), value)


def _resource(value: str, event: Event) -> str:
    """A kind of data and, where there are several, its store view: "products fr"."""
    key, _space, scope = value.partition(" ")
    connector = platforms.connector_of(event.shop) if event.shop else None
    known = {one.name: one.label for one in connector.resources} if connector else {}
    name = str(known.get(key, key))
    return f"{name} ({scope})" if scope else name


def _credential(value: str, event: Event) -> str:
    connector = platforms.connector_of(event.shop) if event.shop else None
    fields: Mapping[str, Any] = connector.form.base_fields if connector else {}
    return str(fields[value].label) if value in fields else value


def _line(value: str, _event: Event) -> str:
    """A line of the checklist: a person's or the browser's."""
    wanted = signed_lines.WANTED.get(value)
    return str(wanted.title if wanted else sentences.TITLES.get(value, value))  # type: ignore[call-overload]  # an Item is a str


def _role_or_finding(value: str, event: Event) -> str:
    if event.kind == "role_changed":
        return str(Membership.Role(value).label)
    return str(FINDINGS.get(value, value))


def _question(value: str, _event: Event) -> str:
    known = {*product_questions.QUESTIONS, *product_questions.OTHER_LABELS}
    return product_questions.label(value) if value in known else value


def _setting(value: str, _event: Event) -> str:
    fields: Mapping[str, Any] = WidgetForm.base_fields
    return str(fields[value].label) if value in fields else value


def _every(names: Iterable[str], say: Say) -> dict[str, Say]:
    return dict.fromkeys(names, say)


SAYING: dict[str, Say] = {
    **_every(("since", "until", "stood_at"), _moment),
    **_every(("resource", "resources"), _resource),
    **_every(("secret", "secrets"), _credential),
    **_every(("before", "after"), _role_or_finding),
    **_every(("reread", "emptied"), _known(LABELS)),
    "environment": _choice(Shop.Environment),
    "item": _line,
    "platform": _platform,
    "policy": _choice(ReceivedFile.Policy),
    "role": _choice(Membership.Role),
    "task": _known(TASKS),
    "unknown": _question,
    "way": _choice(FileSource.Way),
    "what": _choice(Erasure.Kind),
}
# The names of parts.
NAMING: dict[str, Say] = {
    "attributes": _question,
    "changed": _setting,
    "config": _credential,
    "counts": _known(LABELS),
}
