"""The list of tasks: what comes next, whose turn it is, and how far each phase is."""

from datetime import timedelta

import pytest
from django.utils import timezone

from onboarding import phases, standing
from onboarding.phases import Party, State, Step, Task
from onboarding.templatetags.portal import turn


def _task(key: str, state: State, waiting_on: Party = Party.MERCHANT, days: int = 0) -> Task:
    return Task(
        key=key,
        short=key,
        title=key,
        why="",
        action="",
        url=f"/{key}",
        state=state,
        waiting_on=waiting_on,
        since=timezone.now() - timedelta(days=days, minutes=1) if days else None,
    )


def _step(*states: State) -> Step:
    tasks = tuple(_task(str(number), state) for number, state in enumerate(states))
    return Step(key="x", title="X", short="X", tasks=tasks)


def test_what_the_merchant_can_do_comes_before_what_others_do() -> None:
    pull = _task("pull", State.WORKING)
    widget = _task("widget", State.INCOMPLETE, Party.AGENCY)
    data = _task("data", State.LOCKED)
    configuration = _task("configuration", State.INCOMPLETE)
    tasks = [_task("access", State.COMPLETED), pull, data, configuration, widget]
    assert phases.next_task(tasks) is configuration
    assert phases.elsewhere(tasks, besides=configuration) == [pull, widget]


def test_where_nothing_is_in_the_merchants_hands_it_says_who_works_on_it() -> None:
    pull = _task("pull", State.WORKING)
    tasks = [_task("access", State.COMPLETED), pull, _task("data", State.LOCKED)]
    assert phases.next_task(tasks) is pull
    assert phases.elsewhere(tasks, besides=pull) == []
    assert pull.waiting_text == "Kleep is working on it"


def test_what_is_wrong_elsewhere_is_named_beside_what_comes_next() -> None:
    refused, button = _task("check", State.PROBLEM), _task("widget", State.PROBLEM)
    tasks = [_task("access", State.COMPLETED), refused, _task("configuration", State.INCOMPLETE)]
    assert phases.next_task([*tasks, button]) is refused
    assert phases.troubles([*tasks, button], besides=refused) == [button]
    assert phases.troubles(tasks, besides=refused) == []


def test_staff_see_what_the_merchant_sees_unless_it_is_kleeps_turn() -> None:
    """Also where a step before it waits for an agency, or one behind it is open."""
    handed_on = _task("access", State.INCOMPLETE, Party.AGENCY)
    widget, files = _task("widget", State.INCOMPLETE), _task("files", State.INCOMPLETE)
    tasks = [handed_on, _task("check", State.LOCKED), widget, files]
    assert standing.next_for_staff(tasks) is phases.next_task(tasks) is widget
    decision = _task("validate", State.INCOMPLETE, Party.KLEEP)
    assert standing.next_for_staff([*tasks, decision]) is decision
    assert phases.next_task([*tasks, decision]) is widget


def test_nothing_comes_next_where_all_is_done() -> None:
    assert phases.next_task([_task("access", State.COMPLETED)]) is None


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ((State.COMPLETED, State.COMPLETED), State.COMPLETED),
        ((State.COMPLETED, State.PROBLEM, State.INCOMPLETE), State.PROBLEM),
        ((State.COMPLETED, State.WORKING, State.LOCKED), State.WORKING),
        ((State.INCOMPLETE, State.WORKING), State.INCOMPLETE),
        ((State.COMPLETED, State.LOCKED), State.INCOMPLETE),
        ((State.LOCKED, State.LOCKED), State.LOCKED),
    ],
)
def test_a_phase_is_as_its_worst_task(states: tuple[State, ...], expected: State) -> None:
    assert _step(*states).state is expected


def test_a_phase_leads_to_where_one_goes_on() -> None:
    assert _step(State.COMPLETED, State.INCOMPLETE, State.LOCKED).url == "/1"
    assert _step(State.COMPLETED, State.COMPLETED).url == "/0"
    assert _step(State.LOCKED).url == ""


def test_whose_turn_it_is_and_since_when() -> None:
    assert turn(_task("a", State.INCOMPLETE)) == "Your turn"
    assert turn(_task("a", State.INCOMPLETE, days=1)) == "Your turn, for 1 day"
    assert turn(_task("a", State.INCOMPLETE, Party.KLEEP, days=3)) == "Kleep's turn, for 3 days"
