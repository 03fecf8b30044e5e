"""What people signed for the shops of a page, the newest first: lines of checklists, and decisions."""

from collections import defaultdict

from onboarding.models import Decision, Tick
from onboarding.page_runs import Site
from onboarding.together import Together


def ticks(together: Together) -> dict[Site, list[Tick]]:
    """By site those that were not taken back."""
    found: dict[Site, list[Tick]] = defaultdict(list)
    signed = Tick.objects.filter(shop__in=together.shops, withdrawn_at=None)
    # Not joined: for the ticks of several shops PostgreSQL would go through all people.
    for one in signed.prefetch_related("by"):
        found[one.shop_id, one.environment].append(one)
    return found


def decisions(together: Together) -> dict[int, list[Decision]]:
    """By shop."""
    found: dict[int, list[Decision]] = defaultdict(list)
    for one in Decision.objects.filter(shop__in=together.shops).select_related("by"):
        found[one.shop_id].append(one)
    return found
