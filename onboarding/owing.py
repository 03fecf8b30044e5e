"""Which files a shop owes, what came of each, and when the next one is expected."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from connectors.models import ReceivedFile
from connectors.owed import Owed, owed
from onboarding.models import Shop
from onboarding.platforms import OTHER, platform_of

REASONS = {
    "no_api": _("Your shop has no API that we read, so this comes as files."),
    "not_offered": _("Shops of your kind do not offer it through their API."),
    "not_in_edition": _("The check found that your shop's edition does not offer it."),
    "chosen": _("You chose to send it as files."),
    "external": _("Another company handles your returns: send us its export."),
}
LABELS = {
    "products": _("Products"),
    "orders": _("Orders"),
    "returns": _("Returns"),
    "return_reasons": _("Reasons for returns"),
    "customers": _("Customers"),
    "stock": _("Stock"),
    "dimensions": _("Dimensions of the products"),
}
TITLES = {
    "products": _("Send your products file"),
    "orders": _("Send your orders file"),
    "returns": _("Send your returns file"),
}


@dataclass(frozen=True, kw_only=True)
class Due:
    """One dataset that is owed. `last`: the shop's newest file of it that is not a mere check."""

    owed: Owed
    last: ReceivedFile | None
    last_taken: ReceivedFile | None

    @property
    def name(self) -> str:
        return self.owed.dataset.name

    @property
    def label(self) -> str:
        return str(LABELS[self.name])

    @property
    def reason(self) -> str:
        return str(REASONS[self.owed.reason])

    @property
    def is_needed(self) -> bool:
        return self.owed.is_needed

    @property
    def is_done(self) -> bool:
        return self.last_taken is not None

    @property
    def since(self) -> datetime | None:
        return self.last_taken.received_at if self.last_taken else None


def title(due: list["Due"]) -> str:
    """What there is to do."""
    needed = [one for one in due if one.is_needed]
    return str(TITLES[needed[0].name]) if len(needed) == 1 else gettext("Send your files")


def received(shop: Shop) -> QuerySet[ReceivedFile]:
    """What came for this shop, the newest first; not what came for others of its connection."""
    return ReceivedFile.objects.filter(connection=shop.connection, shop=shop.slug)


def due(shop: Shop) -> list[Due]:
    """Empty where the API gives everything, and as long as nobody knows what the shop runs on."""
    connection = shop.connection
    if connection is None and platform_of(shop) != OTHER:
        return []
    found = []
    for one in owed(connection):
        mine = received(shop).filter(dataset=one.dataset.name, dry_run=False)
        there = mine
        if connection is not None and not one.dataset.scoped:
            # The rows are all shops' of the connection, whichever of them sent the file.
            there = connection.received_files.filter(dataset=one.dataset.name, dry_run=False)
        taken = there.filter(state=ReceivedFile.State.TAKEN, accepted__gt=0)
        found.append(Due(owed=one, last=mine.first(), last_taken=taken.first()))
    return found
