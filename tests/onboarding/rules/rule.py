"""What a rule is, and the usual ones."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.onboarding.conftest import World

LOGIN, OK, MOVED, FORBIDDEN, ABSENT = "log-in", 200, 302, 403, 404
REFUSED = (LOGIN, FORBIDDEN, ABSENT)

TASKS = ("access", "widget", "files")
HOLDERS = (*(f"holder of {task}" for task in TASKS), "holder elsewhere")
ROLES = ("support", "manager", "approver", "staff")  # "staff": of Kleep, without a role
# "stranger": another merchant's owner. "owner": of the shop's merchant, like "developer".
PEOPLE = ("anonymous", *HOLDERS, "stranger", "viewer", "developer", "owner", *ROLES)
ONLY_READ = ("viewer", "support", "staff")

Answers = Mapping[str, object]


@dataclass(frozen=True)
class Rule:
    """How an address is asked, and what each kind of person gets. Who is refused changes nothing.

    `more`: parts of the address beside the slug; `data`: what is sent. A function of the World is called.
    """

    method: str
    answers: Answers
    more: Mapping[str, Any] = field(default_factory=dict)
    data: Mapping[str, Any] | Callable[[World], Mapping[str, Any]] = field(default_factory=dict)

    def sent(self, world: World) -> Mapping[str, Any]:
        return self.data(world) if callable(self.data) else self.data


def _rule(method: str, answers: Answers, **more: Any) -> Rule:
    assert set(answers) == set(PEOPLE)
    return Rule(method, answers, **more)


def everybody(method: str = "get", *, ok: object = OK, **more: Any) -> Rule:
    """The same for all people."""
    return _rule(method, dict.fromkeys(PEOPLE, ok), **more)


def members(method: str = "get", *, ok: object = OK, **more: Any) -> Rule:
    """For whoever is logged in. A link is no log-in."""
    outside = dict.fromkeys(("anonymous", *HOLDERS), LOGIN)
    return _rule(method, {**dict.fromkeys(PEOPLE, ok), **outside}, **more)


def shop_page(method: str = "get", *, ok: object = OK, **more: Any) -> Rule:
    """access.shop_page: members of the shop's merchant and Kleep's staff."""
    rule = members(method, ok=ok)
    return _rule(method, {**rule.answers, "stranger": ABSENT}, **more)


def shop_change(method: str = "post", *, ok: object = OK, **more: Any) -> Rule:
    """access.shop_change: the same without viewers, Kleep's support and who has no role: they only read."""
    only_read = dict.fromkeys(ONLY_READ, FORBIDDEN)
    return _rule(method, {**shop_page(ok=ok).answers, **only_read}, **more)


def shop_task(task: str, method: str = "post", *, ok: object = OK, **more: Any) -> Rule:
    """access.shop_task(task): whoever may change the shop, or holds a link to that task of it."""
    return _rule(method, {**shop_change(ok=ok).answers, f"holder of {task}": ok}, **more)


def shop_task_page(task: str, method: str = "get", *, ok: object = OK, **more: Any) -> Rule:
    """access.shop_task(task, viewers=True): those who only read look at it, too."""
    read = dict.fromkeys(ONLY_READ, ok)
    return _rule(method, {**shop_task(task, ok=ok).answers, **read}, **more)


def staff_page(method: str = "get", *, ok: object = OK, **more: Any) -> Rule:
    """access.staff_page: Kleep's staff; it does not exist for others who are logged in."""
    absent = dict.fromkeys(("stranger", "viewer", "developer", "owner"), ABSENT)
    return _rule(method, {**members(ok=ok).answers, **absent}, **more)


def staff_change(*roles: str, method: str = "post", ok: object = MOVED, **more: Any) -> Rule:
    """access.staff_change(*roles): staff in one of these roles; the others are refused."""
    refused = {role: FORBIDDEN for role in ROLES if role not in roles}
    return _rule(method, {**staff_page(ok=ok).answers, **refused}, **more)
