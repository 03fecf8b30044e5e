"""The access matrix as Markdown, out of the rules that the tests hold: python -m tests.access_matrix"""

import os
from collections.abc import Iterable, Iterator

import django


def lines() -> Iterator[str]:
    """Every address with every kind of person, then every table and action of the administration."""
    from tests.onboarding import admin_rules as admin
    from tests.onboarding.rules import every_rule
    from tests.onboarding.rules.rule import PEOPLE

    yield from _head("Addresses, the API among them: what each is answered", PEOPLE)
    for name, rule in sorted(every_rule().items()):
        yield _row(f"{rule.method.upper()} {name}", (str(rule.answers[who]) for who in PEOPLE))
    yield from _head("The administration", admin.EVERYBODY)
    for label in _tables():
        table = admin.TABLES.get(label, admin.Table())
        for page in ("read", "add", "change", "delete"):
            yield _row(f"{label}: {page}", _may(getattr(table, page), admin.EVERYBODY))
        for action, told in table.actions.items():
            yield _row(f"{label}: action {action}", _may(told.may, admin.EVERYBODY))
    for name, may in admin.OTHERS.items():
        yield _row(name, _may(may, admin.EVERYBODY))


def _tables() -> list[str]:
    from django.contrib import admin

    return sorted(model._meta.label for model in admin.site._registry)


def _may(allowed: frozenset[str], people: Iterable[str]) -> Iterator[str]:
    return ("yes" if who in allowed else "no" for who in people)


def _head(title: str, people: Iterable[str]) -> Iterator[str]:
    names = list(people)
    yield from ("", f"## {title}", "", _row("", names), _row("---", ["---"] * len(names)))


def _row(first: str, others: Iterable[str]) -> str:
    return f"| {' | '.join([first, *others])} |"


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kleep_portal.settings")
    django.setup()
    from django.contrib import admin as _admin

    _admin.autodiscover()
    print("\n".join(lines()).strip())  # noqa: T201  # it speaks to the person at the terminal
