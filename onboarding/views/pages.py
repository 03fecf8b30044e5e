"""What the pages of one shop have in common."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError

from onboarding import access, phases, services
from onboarding.access import MemberRequest
from onboarding.models import Shop
from onboarding.phases import Facts, Step


def shop_response(
    request: MemberRequest,
    shop: Shop,
    template: str,
    *,
    here: str,
    context: Mapping[str, Any] | None = None,
    status: int = 200,
    facts: Facts | None = None,
) -> HttpResponse:
    """A page of a shop below its steps; `here` is the key of the step it belongs to.

    `facts`: what the page has read of the shop already.
    """
    shared = shop_context(request, shop, here=here, facts=facts)
    return render(request, template, {**shared, **(context or {})}, status=status)


def shop_context(
    request: MemberRequest, shop: Shop, *, here: str, facts: Facts | None = None
) -> dict[str, Any]:
    """What every page of a shop shows, and every part of one that fetches itself again.

    Whoever holds a link sees their own task of it alone.
    """
    steps = [] if request.hand_off else phases.steps(shop, facts)
    tasks = [task for step in steps for task in step.tasks]
    here_task = next((task for task in tasks if task.key == here), None)
    next_task = phases.next_task(tasks)
    return {
        "shop": shop,
        "steps": steps,
        "here_step": _step_of(here, steps),
        "here_task": here_task,
        "next_task": next_task,
        "elsewhere": phases.elsewhere(tasks, besides=next_task),
        "here": here,
        "may_change": access.may_change(request, shop),
        "handed_on": phases.HANDED_ON.get(here, "") if here_task else "",
    }


def _step_of(here: str, steps: list[Step]) -> Step | None:
    """The step that a page belongs to: the files of a shop that owes none are one more way to its data."""
    wanted = (here, "data") if here == "files" else (here,)
    found = (step for key in wanted for step in steps if step.holds(key))
    return next(found, None)


@contextmanager
def telling_when_the_queue_is_down(request: MemberRequest) -> Iterator[None]:
    """What was asked for is stored before it is queued: say that it waits, do not fail."""
    try:
        yield
    except OperationalError:
        messages.warning(
            request,
            _(
                "Noted, but our queue does not answer just now. It starts by itself as soon as the"
                " queue is back; you need not do it again."
            ),
        )


def told(request: MemberRequest, act: Callable[[], object]) -> bool:
    """Do it, or say on the next page why not."""
    try:
        act()
    except services.RefusedError as error:
        messages.error(request, str(error.text))
        return False
    return True
