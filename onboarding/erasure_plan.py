"""What an erasure will take and what it leaves, told before anybody confirms it."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from connectors import arrivals, counting, erasing
from connectors.models import Connection, ReceivedFile
from onboarding.models import Event, HandOff, Mail, Merchant, Note, Shop
from onboarding.services import removing

SECONDS = 5.0  # for all the counts of a page
# What a report counts, beside the datasets.
LABELS: dict[str, str | Promise] = {
    **arrivals.LABELS,
    "links": gettext_lazy("links between products and variants"),
    "files": gettext_lazy("files that were sent, with their reports"),
    "evidence": gettext_lazy("pictures of product pages"),
    "certificates": gettext_lazy("certificates"),
    "events": gettext_lazy("lines of the history"),
    "people": gettext_lazy("accounts of people"),
    # Counted beforehand alone: they go with the shop itself.
    "notes": gettext_lazy("notes of Kleep"),
    "hand_offs": gettext_lazy("links to tasks"),
    "mails": gettext_lazy("e-mails, with their addresses"),
}
WITH_THE_SHOP = {"notes", "hand_offs", "mails"}


@dataclass(frozen=True, kw_only=True)
class Part:
    """`count` None: counting takes too long."""

    name: str
    count: int | None

    @property
    def label(self) -> str:
        return str(LABELS.get(self.name, self.name))


@dataclass(frozen=True, kw_only=True)
class Plan:
    goes: tuple[Part, ...]
    stays: tuple[str, ...]

    @property
    def expected(self) -> dict[str, int]:
        """What the report will count, for its progress."""
        counted = (part for part in self.goes if part.name not in WITH_THE_SHOP)
        return {part.name: part.count for part in counted if part.count}


def parts(counts: Mapping[str, int]) -> tuple[Part, ...]:
    """The counts of a report, in the usual order."""
    known = [name for name in LABELS if counts.get(name)]
    return tuple(Part(name=name, count=counts[name]) for name in known)


class _Counts:
    """Adds up by name; after SECONDS nothing more is counted."""

    def __init__(self) -> None:
        self._end = time.monotonic() + SECONDS
        self._found: dict[str, int | None] = {}

    def add(self, name: str, ask: Callable[[], int]) -> None:
        before = self._found.get(name, 0)
        count = counting.within(self._end - time.monotonic(), ask)
        self._found[name] = None if count is None or before is None else before + count

    def parts(self) -> tuple[Part, ...]:
        shown = ((name, self._found[name]) for name in LABELS if name in self._found)
        return tuple(Part(name=name, count=count) for name, count in shown if count != 0)


def of_shopper(merchant: Merchant, reference: str) -> Plan:
    """`reference`: their keyed hash."""
    found = counting.within(SECONDS, lambda: erasing.count_shopper(merchant.pk, reference))
    names = ("orders", "returns", "customers")
    goes = tuple(Part(name=name, count=found[name] if found else None) for name in names)
    return Plan(
        goes=tuple(part for part in goes if part.count != 0),
        stays=(
            _("A keyed hash, so that they stay forgotten: it leads back to nobody."),
            _("What the shop still has of them comes in again, and belongs to nobody then."),
            _("Files that the shop sent keep what they hold until they go by themselves."),
            _backups(),
        ),
    )


def of_shop(shop: Shop) -> Plan:
    counts, shared = _Counts(), list(_shared(shop))
    _count_shop(shop, counts)
    events = Event.objects.filter(shop=shop).count()
    chain = ngettext(
        "%(count)d line of the history keeps its kind, time and seal, so that the chain can be verified;"
        " its words go.",
        "%(count)d lines of the history keep their kind, time and seal, so that the chain can be"
        " verified; their words go.",
        events,
    )
    others = [_used_by(connection, shop) for connection in shared]
    stays = [
        *others,
        chain % {"count": events},
        _("The company, its people and its other shops."),
        _report(),
        _backups(),
    ]
    return Plan(goes=counts.parts(), stays=tuple(stays))


def of_merchant(merchant: Merchant) -> Plan:
    counts = _Counts()
    for connection in Connection.objects.filter(tenant=merchant.pk):
        _count_connection(connection, counts)
    for shop in merchant.shops.all():
        _count_own(shop, counts)
    counts.add("events", Event.objects.filter(merchant=merchant).count)
    counts.add("people", removing.only_here(merchant).count)
    elsewhere = merchant.members.exclude(pk__in=removing.only_here(merchant))
    names = ", ".join(str(person) for person in elsewhere)
    people = _("People who belong to another company, too: %(names)s.") % {"names": names}
    stays = (*([people] if names else []), _report(), _backups())
    return Plan(goes=counts.parts(), stays=stays)


def _count_shop(shop: Shop, counts: _Counts) -> None:
    for connection in removing.connections_of(shop):
        if removing.others_of(connection, shop).exists():
            files = ReceivedFile.objects.filter(connection=connection, shop=shop.slug)
            counts.add("files", files.count)
        else:
            _count_connection(connection, counts)
    _count_own(shop, counts)


def _count_connection(connection: Connection, counts: _Counts) -> None:
    for name, rows in erasing.rows_of(connection).items():
        counts.add(name, rows.count)
    counts.add("files", ReceivedFile.objects.filter(connection=connection).count)


def _count_own(shop: Shop, counts: _Counts) -> None:
    """What is the shop's whoever else uses its connection."""
    rows: dict[str, QuerySet[Any]] = {
        "evidence": removing.pictures_of(shop),
        "certificates": removing.papers_of(shop),
        "notes": Note.objects.filter(shop=shop),
        "hand_offs": HandOff.objects.filter(shop=shop),
        "mails": Mail.objects.filter(Q(shop=shop) | Q(hand_off__shop=shop)),
    }
    for name, found in rows.items():
        counts.add(name, found.count)


def _shared(shop: Shop) -> Iterator[Connection]:
    for connection in removing.connections_of(shop):
        if removing.others_of(connection, shop).exists():
            yield connection


def _used_by(connection: Connection, shop: Shop) -> str:
    names = ", ".join(other.name for other in removing.others_of(connection, shop))
    said = _("The access to the data and what was read with it, which %(shops)s needs, too.")
    return said % {"shops": names}


def _report() -> str:
    return _("One report: who asked, when, and how much it was.")


def _backups() -> str:
    return _("Backups keep what they had until they are deleted.")
