"""Asking for data to be taken out for good: of a shopper, a shop, a merchant. removing.py does it."""

from collections.abc import Mapping
from functools import partial

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from connectors import erasing
from onboarding import tasks
from onboarding.models import Erasure, Merchant, Shop, User
from onboarding.services.recording import record

Kind = Erasure.Kind
Expected = Mapping[str, int]  # rows by kind, as they were counted for the person who asks


class NobodyError(ValueError):
    """A blank identifier is no shopper's."""


class BeingErasedError(Exception):
    """Somebody asked for the same before, and it is not over; `erasure` is theirs."""

    def __init__(self, erasure: Erasure) -> None:
        self.erasure = erasure
        super().__init__(str(erasure))


def ask_shopper(
    merchant: Merchant, identifier: str, *, by: User | None, expected: Expected | None = None
) -> Erasure:
    """Everything of the shopper with that e-mail address or number, in all shops of the merchant.

    They are nobody from now on; what there is of them goes soon. The identifier itself is written nowhere.
    Raises NobodyError.
    """
    reference = erasing.forget_shopper(merchant.pk, identifier)
    if not reference:
        raise NobodyError
    return _asked(Kind.SHOPPER, merchant, by=by, expected=expected, reference=reference)


def ask_shop(shop: Shop, *, by: User | None, expected: Expected | None = None) -> Erasure:
    """The shop with its data, files, evidence and the words of its events. Raises BeingErasedError.

    A connection that another shop uses as well stays, with its data.
    """
    with transaction.atomic():
        Shop.objects.select_for_update(of=("self",)).get(pk=shop.pk)
        _must_be_first(shop.erasures.all())
        return _asked(Kind.SHOP, shop.merchant, by=by, expected=expected, shop=shop)


def ask_merchant(
    merchant: Merchant, *, by: User | None, expected: Expected | None = None
) -> Erasure:
    """The merchant with its shops, events, and the accounts of people who belong to no other.

    Raises BeingErasedError.
    """
    with transaction.atomic():
        Merchant.objects.select_for_update().get(pk=merchant.pk)
        _must_be_first(merchant.erasures.filter(kind=Kind.MERCHANT))
        return _asked(Kind.MERCHANT, merchant, by=by, expected=expected)


def _must_be_first(erasures: QuerySet[Erasure]) -> None:
    found = erasures.filter(finished_at=None).first()
    if found is not None:
        raise BeingErasedError(found)


def _asked(
    kind: Kind,
    merchant: Merchant,
    *,
    by: User | None,
    expected: Expected | None,
    shop: Shop | None = None,
    reference: str = "",
) -> Erasure:
    subject = {Kind.SHOP: shop.slug if shop else "", Kind.MERCHANT: merchant.name}.get(kind, "")
    with transaction.atomic():
        made = Erasure.objects.create(
            kind=kind,
            merchant=merchant,
            shop=shop,
            subject=subject,
            customer_ref=reference,
            by=by,
            expected=dict(expected or {}),
            due_at=timezone.now(),
        )
        record(merchant, "erasure_asked", by=by, erasure=made.pk, what=kind.value, subject=subject)
        transaction.on_commit(partial(tasks.erase_soon, made.pk))
    return made
