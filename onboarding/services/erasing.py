"""Taking data out for good: of a shopper, a shop, a merchant; each leaves a report of how much it was."""

from collections import Counter

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q

from connectors import erasing
from connectors.models import Connection
from onboarding import audit, uploads
from onboarding.models import (
    Certificate,
    Erasure,
    Evidence,
    Membership,
    Merchant,
    Shop,
    User,
)
from onboarding.services.recording import record


def erase_shopper(merchant: Merchant, identifier: str, *, by: User | None) -> Erasure:
    """Everything of the shopper with that e-mail address or number, in all shops of the merchant.

    The identifier itself is written nowhere.
    """
    counts = erasing.erase_shopper(merchant.pk, identifier)
    with transaction.atomic():
        record(merchant, "shopper_erased", by=by, counts=counts)
        return _report(Erasure.Kind.SHOPPER, merchant, "", counts, by)


def erase_shop(shop: Shop, *, by: User | None) -> Erasure:
    """The shop with its data, files, evidence and the words of its events. May be done again after a crash.

    A connection that another shop uses as well stays, with its data.
    """
    merchant, slug = shop.merchant, shop.slug
    counts = _empty(shop)
    with transaction.atomic():
        events = audit.forget_shop(shop)
        shop.delete()
        record(merchant, audit.ERASED, by=by, slug=slug, events=events, counts=counts)
        return _report(Erasure.Kind.SHOP, merchant, slug, counts, by)


def erase_merchant(merchant: Merchant, *, by: User | None) -> Erasure:
    """The merchant with its shops, events, and the accounts of people who belong to no other."""
    counts: Counter[str] = Counter()
    for shop in merchant.shops.select_related("connection"):
        counts.update(_empty(shop))
    # What several of its shops share, and what none of them uses any more.
    for connection in Connection.objects.filter(tenant=merchant.pk):
        counts.update(erasing.erase_connection(connection))
    name = merchant.name
    with transaction.atomic():
        elsewhere = Membership.objects.exclude(merchant=merchant).values("user")
        only_here = merchant.members.filter(is_staff=False).exclude(pk__in=elsewhere)
        people = list(only_here.values_list("pk", flat=True))
        counts["events"] = audit.Events.filter(merchant=merchant).count()
        counts["people"] = len(people)
        merchant.delete()
        User.objects.filter(pk__in=people).delete()
        return _report(Erasure.Kind.MERCHANT, None, name, counts, by)


def _empty(shop: Shop) -> Counter[str]:
    """Remove what is large or lies in files; the shop itself goes with the caller's transaction."""
    counts: Counter[str] = Counter(evidence=_remove_files(shop))
    for upload in shop.uploads.all():
        uploads.remove(upload)
    # Its API's, and that of the server which its files come from.
    for connection in Connection.objects.filter(
        Q(shops=shop) | Q(file_sources__shop=shop)
    ).distinct():
        if not _is_shared(connection, shop):
            counts.update(erasing.erase_connection(connection))
    return +counts


def _is_shared(connection: Connection, shop: Shop) -> bool:
    users = Shop.objects.filter(Q(connection=connection) | Q(file_source__server=connection))
    return users.exclude(pk=shop.pk).exists()


def _remove_files(shop: Shop) -> int:
    """Pictures and certificates; how many they were."""
    pictures = Evidence.objects.filter(run__shop=shop).values_list("file", flat=True)
    papers = Certificate.objects.filter(decision__shop=shop).values_list("file", flat=True)
    names = [name for name in (*pictures, *papers) if name]
    for name in names:
        default_storage.delete(name)
    return len(names)


def _report(
    kind: Erasure.Kind,
    merchant: Merchant | None,
    subject: str,
    counts: dict[str, int],
    by: User | None,
) -> Erasure:
    return Erasure.objects.create(
        kind=kind, merchant=merchant, subject=subject, by=by, counts=dict(counts)
    )
