"""Reads the document of `manage.py connect`: every mistake found, none of them repeating what was given.

What each key of `config` means is the platform's form; nothing is checked twice.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils import timezone

from connectors.base import Connector, CredentialsForm
from kleep_portal import redaction
from onboarding import platforms

MAX_BYTES = 65_536
MAX_NAME = 200
MAX_SHOWN = 24  # of an unknown key: longer ones may be a secret in the wrong place
DATE = "%Y-%m-%d %H:%M:%S"

Object = dict[str, Any]


class DocumentError(Exception):
    """The document cannot be used; `problems` has one sentence for each mistake."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


@dataclass(frozen=True, kw_only=True)
class Document:
    """What to connect. `positions`: where the first pull of a resource begins."""

    merchant: str
    shop: str
    platform: str
    form: CredentialsForm  # valid
    positions: Mapping[str, datetime]


def read(raw: bytes) -> Document:
    """Raises DocumentError."""
    document = _parse(raw)
    problems = [*_unknown_keys(document, ("merchant", "shop", "platform", "config"), "")]
    names = {key: _name(document, key, problems) for key in ("merchant", "shop", "platform")}
    config = document.get("config")
    if not isinstance(config, dict):
        problems.append(_missing("config") if config is None else "config must be an object.")
    connector = platforms.readable().get(names["platform"])
    if names["platform"] and connector is None:
        problems.append(f"platform must be one of: {', '.join(platforms.readable())}.")
    if connector is None or not isinstance(config, dict):
        raise DocumentError(problems)
    form, positions = _config(connector, config, problems)
    if problems:
        raise DocumentError(problems)
    return Document(**names, form=form, positions=positions)


def _parse(raw: bytes) -> Object:
    if len(raw) > MAX_BYTES:
        raise DocumentError([f"The document is larger than {MAX_BYTES // 1024} kB."])
    if not raw.strip():
        raise DocumentError(["The document is empty."])
    try:
        document = json.loads(raw.decode("utf-8-sig"), object_pairs_hook=_object)
    except UnicodeDecodeError:
        raise DocumentError(["The document is not UTF-8 text."]) from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise DocumentError([f"The document is not JSON: {error.msg} at {place}."]) from None
    except RecursionError:
        raise DocumentError(["The document is not JSON that we take: nested too deeply."]) from None
    if not isinstance(document, dict):
        raise DocumentError(["The document must be a JSON object."])
    return document


def _object(pairs: list[tuple[str, Any]]) -> Object:
    """A key that is there twice is a mistake; which of the two was meant nobody knows."""
    made = dict(pairs)
    if len(made) < len(pairs):
        raise DocumentError(["The document has the same key twice in one object."])
    return made


def _unknown_keys(given: Object, known: tuple[str, ...], where: str) -> Iterator[str]:
    for key in given:
        if key not in known:
            shown = repr(key) if len(key) <= MAX_SHOWN else "(long)"
            yield f"{where}unknown key {shown}; the keys are: {', '.join(known)}."


def _missing(key: str) -> str:
    return f"{key} is missing."


def _name(document: Object, key: str, problems: list[str]) -> str:
    """A short line of text, without the blanks around it; blank where it cannot be used."""
    value = document.get(key)
    if value is None:
        problems.append(_missing(key))
    elif not isinstance(value, str):
        problems.append(f"{key} must be text.")
    elif not value.strip():
        problems.append(f"{key} is blank.")
    elif len(value) > MAX_NAME or not value.strip().isprintable():
        problems.append(f"{key} must be one line of at most {MAX_NAME} characters.")
    else:
        return value.strip()
    return ""


def _config(
    connector: type[Connector], config: Object, problems: list[str]
) -> tuple[CredentialsForm, dict[str, datetime]]:
    """The platform's form filled from the document, and the dates that no form shows."""
    fields, watermarks = connector.form.document, connector.form.watermarks
    problems += _unknown_keys(config, (*fields, *watermarks), "config: ")
    given = {key: value for key, value in config.items() if value is not None}
    data = {fields[key]: _text(key, given[key], problems) for key in fields if key in given}
    form = connector.form(data)
    if not form.is_valid():
        keys = {field: key for key, field in fields.items()}
        for field, messages in form.errors.items():
            name = f"config.{keys[field]}" if field in keys else "config"
            problems += [f"{name}: {_without(config, str(message))}" for message in messages]
    # A date left blank is one that was never set: nothing was pulled yet.
    known = [key for key in watermarks if given.get(key, "") != ""]
    dates = {watermarks[key]: _date(key, given[key], problems) for key in known}
    return form, {resource: date for resource, date in dates.items() if date}


def _text(key: str, value: Any, problems: list[str]) -> str:
    """What a field takes: a list is lines of text, an object its JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        return "\n".join(value)
    if isinstance(value, dict):
        return json.dumps(value)
    problems.append(f"config.{key} must be text.")
    return ""


def _date(key: str, value: Any, problems: list[str]) -> datetime | None:
    try:
        date = datetime.strptime(value.strip(), DATE).replace(tzinfo=UTC)
    except (AttributeError, ValueError):
        problems.append(f"config.{key} must be a date like 2025-12-01 00:00:00 (UTC).")
        return None
    if date > timezone.now():
        problems.append(f"config.{key} is in the future.")
        return None
    return date


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value.strip()
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)


def _without(config: Object, problem: str) -> str:
    """A form's sentence without any value of the document: a secret may stand where a type belongs."""
    values = {text for value in config.values() for text in _texts(value)}
    for text in sorted(values, key=len, reverse=True):
        if len(text) >= redaction.SHORTEST:
            problem = problem.replace(text, "…")
    return problem
