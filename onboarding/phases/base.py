"""What a task is, whose turn it is, and what is known of a shop while its tasks are drawn up."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from onboarding.models import Shop
from onboarding.together import Together

Known = TypeVar("Known")


class State(StrEnum):
    COMPLETED = "completed"
    INCOMPLETE = "incomplete"
    WORKING = "working"  # incomplete, and it is the portal's turn
    LOCKED = "locked"  # cannot start yet
    PROBLEM = "problem"


class Party(StrEnum):
    """Whose turn it is."""

    MERCHANT = "merchant"
    AGENCY = "agency"  # whoever holds a hand-off link
    KLEEP = "kleep"
    PORTAL = "portal"  # the portal works on it by itself


WAITING_TEXTS: dict[Party, Promise] = {
    Party.MERCHANT: gettext_lazy("Your turn"),
    Party.AGENCY: gettext_lazy("Waiting for the person you handed it to"),
    Party.KLEEP: gettext_lazy("Kleep's turn"),
    Party.PORTAL: gettext_lazy("Kleep is working on it"),
}


class Facts:
    """What is known of a shop, read once per page: each phase has a class of its own for its facts.

    `together`: the shops of the same page, where it shows several.
    """

    def __init__(self, shop: Shop, together: Together | None = None) -> None:
        self.shop = shop
        self.together = together or Together([shop])
        self._known: dict[Callable[[Shop, Together], Any], Any] = {}

    def of(self, kind: Callable[[Shop, Together], Known]) -> Known:
        """The facts of that kind, made from the shop when they are first asked for."""
        if kind not in self._known:
            self._known[kind] = kind(self.shop, self.together)
        found: Known = self._known[kind]
        return found


@dataclass(frozen=True, kw_only=True)
class Task:
    """One thing to do, in the person's language. `fact` says what is known of it."""

    key: str
    short: str | Promise
    title: str
    why: str | Promise
    action: str | Promise
    url: str
    state: State
    fact: str = ""
    waiting_on: Party = Party.MERCHANT
    since: datetime | None = None  # since when it waits for them

    @property
    def is_open(self) -> bool:
        return self.state is not State.LOCKED

    @property
    def is_done(self) -> bool:
        return self.state is State.COMPLETED

    @property
    def turn(self) -> Party:
        return Party.PORTAL if self.state is State.WORKING else self.waiting_on

    @property
    def waiting_text(self) -> str:
        return str(WAITING_TEXTS[self.turn])


@dataclass(frozen=True, kw_only=True)
class Phase:
    """Some tasks that belong together. `make`: one function per task, in order; None: not for this shop."""

    key: str
    title: Promise
    make: tuple[Callable[[Facts], Task | None], ...]
    short: Promise | str = ""  # for the bar; blank: the title

    def tasks(self, facts: Facts) -> list[Task]:
        return [task for make in self.make if (task := make(facts)) is not None]


@dataclass(frozen=True, kw_only=True)
class Step:
    """A phase of one shop with its tasks, as the pages show it."""

    key: str
    title: str
    short: str
    tasks: tuple[Task, ...]

    @property
    def done(self) -> int:
        return sum(task.is_done for task in self.tasks)

    @property
    def state(self) -> State:
        """The worst first: a problem, something to do, something under way, nothing possible yet."""
        states = {task.state for task in self.tasks}
        if states <= {State.COMPLETED}:
            return State.COMPLETED
        order = (State.PROBLEM, State.INCOMPLETE, State.WORKING, State.LOCKED)
        found = next(state for state in order if state in states)
        # Half done and the rest cannot start yet: it waits for another phase.
        return State.INCOMPLETE if found is State.LOCKED and self.done else found

    @property
    def url(self) -> str:
        """Where to go on: the first task that is open and not done, else the first that is open."""
        opened = [task for task in self.tasks if task.is_open]
        wanted = next((task for task in opened if not task.is_done), None)
        return (wanted or opened[0]).url if opened else ""

    def holds(self, key: str) -> bool:
        return any(task.key == key for task in self.tasks)


def is_done(tasks: list[Task]) -> bool:
    return all(task.is_done for task in tasks)
