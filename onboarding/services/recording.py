"""One line of the history for every state change."""

from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from onboarding import audit
from onboarding.models import Actor, Event, HandOff, Merchant, Shop, Standing


def record(of: Shop | Merchant, kind: str, *, by: Actor | None, **data: Any) -> Event:
    """One line of the history of a shop, or of a merchant itself. `data` never holds a secret.

    Sealed into the merchant's chain after the commit: see audit.py. Whom of Kleep it is told: see alerts.py.
    """
    from onboarding import alerts  # it needs the tasks, and they need every service

    shop, merchant_id = (of, of.merchant_id) if isinstance(of, Shop) else (None, of.pk)
    who = {"hand_off": by} if isinstance(by, HandOff) else {"actor": by}
    event = Event.objects.create(
        merchant_id=merchant_id,
        shop=shop,
        shop_slug=shop.slug if shop else "",
        at=timezone.now(),
        kind=kind,
        data=data,
        actor_key=_key(by),
        **who,
    )
    if shop is not None:
        Standing.objects.filter(shop=shop).update(dirty_at=event.at)
    alerts.publish(event)
    transaction.on_commit(partial(audit.seal, merchant_id), robust=True)
    return event


def _key(by: Actor | None) -> str:
    """Who it was, for the time when neither the person nor the link is there any more."""
    if by is None:
        return "portal"
    return f"link {by.pk}" if isinstance(by, HandOff) else f"person {by.pk}"
