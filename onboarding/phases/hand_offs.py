"""Tasks in the hands of an agency: whoever holds a link to one is waited for, not the merchant."""

from dataclasses import replace
from functools import cached_property

from onboarding.models import HandOff, Shop
from onboarding.phases.base import Party, State, Task

# The tasks that can be handed on, and the link that opens each: the check belongs to the access.
HANDED_ON = {"access": "access", "check": "access", "widget": "widget", "files": "files"}


class HandOffs:
    """The links that are open now, by what they open."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop

    @cached_property
    def open(self) -> dict[str, HandOff]:
        links = self.shop.hand_offs.filter(revoked_at=None).order_by("created_at")
        return {link.task: link for link in links if link.is_open}

    def in_hands(self, task: Task) -> Task:
        """The same task, waited for from whoever was handed it, where that is the merchant's part."""
        link = self.open.get(HANDED_ON.get(task.key, ""))
        is_theirs = task.state in (State.INCOMPLETE, State.PROBLEM)
        if link is None or not is_theirs or task.waiting_on is not Party.MERCHANT:
            return task
        return replace(task, waiting_on=Party.AGENCY, since=link.created_at)
