"""Tasks in the hands of an agency: whoever holds a link to one is waited for, not the merchant."""

from collections import defaultdict
from dataclasses import replace
from functools import cached_property

from onboarding.models import HandOff, Shop
from onboarding.phases.base import Party, State, Task
from onboarding.together import Together

# The tasks that can be handed on, and the link that opens each: the check belongs to the access.
HANDED_ON = {"access": "access", "check": "access", "widget": "widget", "files": "files"}


def _links(together: Together) -> dict[int, list[HandOff]]:
    """By shop, the newest last."""
    found: dict[int, list[HandOff]] = defaultdict(list)
    links = HandOff.objects.filter(shop__in=together.shops, revoked_at=None)
    for link in links.order_by("created_at"):
        found[link.shop_id].append(link)
    return found


class HandOffs:
    """The links that are open now, by what they open."""

    def __init__(self, shop: Shop, together: Together) -> None:
        self.shop, self.together = shop, together

    @cached_property
    def open(self) -> dict[str, HandOff]:
        links = self.together.read(_links)[self.shop.pk]
        return {link.task: link for link in links if link.is_open}

    def in_hands(self, task: Task) -> Task:
        """The same task, waited for from whoever was handed it, where that is the merchant's part."""
        link = self.open.get(HANDED_ON.get(task.key, ""))
        is_theirs = task.state in (State.INCOMPLETE, State.PROBLEM)
        if link is None or not is_theirs or task.waiting_on is not Party.MERCHANT:
            return task
        return replace(task, waiting_on=Party.AGENCY, since=link.created_at)
