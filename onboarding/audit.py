"""The chain of events: seals each into its merchant's chain, and finds out what was changed afterwards.

An event is sealed in a transaction of its own right after the one that made it: a lock on the merchant held
through everybody's work would let two of them wait for each other. What a crash leaves unsealed is sealed
with the next event, or by the beat.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from onboarding.models import Event, Merchant, Shop

ERASED = "shop_erased"  # the kind of the event that says which others lost their data
Events = Event._base_manager  # goes round AppendOnly: for seals and erasure alone


@dataclass(frozen=True, kw_only=True)
class Flaw:
    """An event that is not as it was sealed. `position` None: it was never sealed."""

    merchant: str
    position: int | None
    what: str

    def __str__(self) -> str:
        return f"{self.merchant}, event {self.position}: {self.what}"


def seal(merchant_id: UUID) -> int:
    """Seal what is not sealed yet, in the order of their numbers; how many they were."""
    with transaction.atomic():
        if not Merchant.objects.select_for_update().filter(pk=merchant_id).exists():
            return 0
        last = (
            Events.filter(merchant_id=merchant_id)
            .exclude(position=None)
            .order_by("position")
            .last()
        )
        position, chained = (last.position, last.chained) if last else (0, _beginning(merchant_id))
        waiting = list(Events.filter(merchant_id=merchant_id, position=None).order_by("pk"))
        for event in waiting:
            position = (position or 0) + 1
            digest = digest_of(event)
            chained = _link(chained, digest)
            Events.filter(pk=event.pk).update(position=position, digest=digest, chained=chained)
    return len(waiting)


def seal_leftovers() -> int:
    """Seal what crashes left; how many events that were."""
    merchants = (
        Events.filter(position=None).order_by().values_list("merchant", flat=True).distinct()
    )
    return sum(seal(merchant_id) for merchant_id in merchants)


def digest_of(event: Event) -> str:
    """The hash of all that an event says."""
    content = {
        "merchant": str(event.merchant_id),
        "shop": event.shop_slug,
        "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": event.actor_key,
        "kind": event.kind,
        "data": event.data,
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _beginning(merchant_id: UUID) -> str:
    return hashlib.sha256(f"chain of {merchant_id}".encode()).hexdigest()


def _link(chained: str, digest: str) -> str:
    return hashlib.sha256(f"{chained}{digest}".encode()).hexdigest()


def flaws(merchant: Merchant) -> Iterator[Flaw]:
    """Everything of a merchant's chain that is not as it was sealed; memory does not grow with the chain."""
    chained, expected, excused = _beginning(merchant.pk), 1, _erasures(merchant)
    sealed = Events.filter(merchant=merchant).exclude(position=None).order_by("position")
    for event in sealed.iterator(chunk_size=1000):
        for what in _wrong(event, chained, expected, excused):
            yield Flaw(merchant=merchant.name, position=event.position, what=what)
        # Onwards from what is written, so that each tampering is told once.
        chained, expected = event.chained, (event.position or 0) + 1
    if waiting := Events.filter(merchant=merchant, position=None).count():
        yield Flaw(
            merchant=merchant.name, position=None, what=f"{waiting} events are not sealed yet"
        )


def _wrong(event: Event, chained: str, expected: int, excused: set[int]) -> Iterator[str]:
    position = event.position or 0
    if position != expected:
        yield f"the events from {expected} to {position - 1} are gone"
    elif event.chained != _link(chained, event.digest):
        yield "it does not follow from the one before it"
    if event.erased_at is None:
        if event.digest != digest_of(event):
            yield "it was changed after it was sealed"
    elif position not in excused:
        yield "its data is gone, and no erasure says so"


def _erasures(merchant: Merchant) -> set[int]:
    """The positions whose data an erasure took, as the events of the erasures say."""
    spans = Events.filter(merchant=merchant, kind=ERASED).values_list("data__events", flat=True)
    return {position for span in spans for position in span or []}


def forget_shop(shop: Shop) -> list[int]:
    """Take the data out of the events of a shop that is erased; their positions, for the event of it."""
    seal(shop.merchant_id)
    mine = Events.filter(shop=shop).exclude(position=None)
    positions = [position for position in mine.values_list("position", flat=True) if position]
    mine.update(data={}, erased_at=timezone.now())
    return sorted(positions)


def exported(events: Iterable[Event]) -> Iterator[dict[str, Any]]:
    """The events as lines of JSON: all that the seal covers, and the seal."""
    for event in events:
        yield {
            "position": event.position,
            "at": event.at.isoformat(),
            "merchant": str(event.merchant_id),
            "shop": event.shop_slug,
            "actor": event.actor_key,
            "kind": event.kind,
            "data": event.data,
            "digest": event.digest,
            "chained": event.chained,
            "erased_at": event.erased_at.isoformat() if event.erased_at else None,
        }
