"""What a shop has to do, in order: the phases and their tasks.

A task's state is computed from facts each time it is shown; nothing here is stored. The list draws the
steps on every page of the shop, says whose turn it is, and feeds the staff's console. A phase is one
module of this package and one entry of PHASES.
"""

from onboarding.models import Shop
from onboarding.phases import access, configuration, files, golive, widget
from onboarding.phases.access_facts import Access
from onboarding.phases.base import Facts, Party, Phase, State, Step, Task, is_done
from onboarding.phases.hand_offs import HANDED_ON, HandOffs

PHASES: tuple[Phase, ...] = (
    access.PHASE,
    configuration.PHASE,
    widget.PHASE,
    files.PHASE,
    golive.PHASE,
)

__all__ = [
    "HANDED_ON",
    "PHASES",
    "Access",
    "Facts",
    "HandOffs",
    "Party",
    "Phase",
    "State",
    "Step",
    "Task",
    "elsewhere",
    "is_done",
    "next_task",
    "of_shop",
    "steps",
    "tasks",
    "troubles",
]


def of_shop(shop: Shop, facts: Facts | None = None) -> list[tuple[Phase, list[Task]]]:
    """Every phase of the shop with its tasks, in order; `facts`: what is known of it already."""
    facts = facts or Facts(shop)
    in_hands = facts.of(HandOffs).in_hands
    return [(phase, [in_hands(task) for task in phase.tasks(facts)]) for phase in PHASES]


def steps(shop: Shop, facts: Facts | None = None) -> list[Step]:
    """The phases that have something to do for this shop, as its pages show them."""
    return [
        Step(
            key=phase.key,
            title=str(phase.title),
            short=str(phase.short or phase.title),
            tasks=tuple(tasks),
        )
        for phase, tasks in of_shop(shop, facts)
        if tasks
    ]


def tasks(shop: Shop, facts: Facts | None = None) -> list[Task]:
    """The tasks of all phases, in order."""
    return [task for _phase, tasks in of_shop(shop, facts) for task in tasks]


def next_task(tasks: list[Task]) -> Task | None:
    """What the merchant does next; where nothing is in their hands, what others do. None: all is done."""
    undone = [task for task in tasks if not task.is_done]
    mine = (task for task in undone if task.is_open and task.turn is Party.MERCHANT)
    return next(mine, undone[0] if undone else None)


def troubles(tasks: list[Task], *, besides: Task | None) -> list[Task]:
    """Where else there is a problem than in what comes next."""
    return [task for task in tasks if task.state is State.PROBLEM and task != besides]


def elsewhere(tasks: list[Task], *, besides: Task | None) -> list[Task]:
    """What others work on meanwhile: agencies, Kleep, the portal itself."""
    return [
        task
        for task in tasks
        if task.is_open and not task.is_done and task != besides
        if task.turn is not Party.MERCHANT
    ]
