"""What a shop has to do, in order: the phases and their tasks.

A task's state is computed from facts each time it is shown; nothing here is stored. The list draws the
steps on every page of the shop, says whose turn it is, and feeds the staff's console. A phase is one
module of this package and one entry of PHASES.
"""

from onboarding.models import Shop
from onboarding.phases import access
from onboarding.phases.access import Access, connector_of, newest_runs, waiting_cursors
from onboarding.phases.base import Facts, Party, Phase, State, Task, is_done

PHASES: tuple[Phase, ...] = (access.PHASE,)

__all__ = [
    "PHASES",
    "Access",
    "Facts",
    "Party",
    "Phase",
    "State",
    "Task",
    "connector_of",
    "is_done",
    "newest_runs",
    "next_task",
    "of_shop",
    "tasks",
    "waiting_cursors",
]


def of_shop(shop: Shop) -> list[tuple[Phase, list[Task]]]:
    """Every phase of the shop with its tasks, in order."""
    facts = Facts(shop)
    return [(phase, phase.tasks(facts)) for phase in PHASES]


def tasks(shop: Shop) -> list[Task]:
    """The tasks of all phases, in order."""
    return [task for _phase, tasks in of_shop(shop) for task in tasks]


def next_task(tasks: list[Task]) -> Task | None:
    """The first task that somebody must do; None where all are done."""
    return next((task for task in tasks if not task.is_done), None)
