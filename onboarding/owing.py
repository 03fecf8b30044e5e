"""Which files a shop owes, what came of each, and when the next one is expected."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, Q, QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from connectors.datasets import Dataset
from connectors.models import ReceivedFile
from connectors.owed import Owed, owed
from onboarding.models import Shop
from onboarding.platforms import OTHER, platform_of
from onboarding.together import Together, checks

LAST, TAKEN = "last", "taken"

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
    """What there is to do, or what the page is about where nothing is."""
    if not due:
        return gettext("Files")
    needed = [one for one in due if one.is_needed]
    return str(TITLES[needed[0].name]) if len(needed) == 1 else gettext("Send your files")


def received(shop: Shop) -> QuerySet[ReceivedFile]:
    """What came for this shop, the newest first; not what came for others of its connection."""
    return ReceivedFile.objects.filter(connection=shop.connection, shop=shop.slug)


def due(shop: Shop, together: Together | None = None) -> list[Due]:
    """Empty where the API gives everything, and as long as nobody knows what the shop runs on.

    `together`: the shops of the same page.
    """
    together = together or Together([shop])
    came = together.read(_came)
    return [
        Due(
            owed=one,
            last=came.get((shop.pk, name, LAST)),
            last_taken=came.get((shop.pk, name, TAKEN)),
        )
        for one in together.read(_owed)[shop.pk]
        for name in (one.dataset.name,)
    ]


def _owed(together: Together) -> dict[int, list[Owed]]:
    found: dict[int, list[Owed]] = {}
    for shop in together.shops:
        is_unknown = shop.connection is None and platform_of(shop) != OTHER
        check = together.read(checks).get(shop.connection.pk) if shop.connection else None
        found[shop.pk] = [] if is_unknown else owed(shop.connection, check)
    return found


def _came(together: Together) -> dict[tuple[int, str, str], ReceivedFile]:
    """By shop, dataset and kind the newest file of what is owed."""
    owing = {shop: every for shop, every in together.read(_owed).items() if every}
    datasets = {one.dataset.name: one.dataset for every in owing.values() for one in every}
    wanted = [(name, kind) for name in datasets for kind in (LAST, TAKEN)]
    newest = {f"{kind}_{name}": _newest(datasets[name], kind) for name, kind in wanted}
    ids = {
        (shop, name, kind): pk
        for shop, *keys in Shop.objects.filter(pk__in=owing)
        .annotate(**newest)
        .values_list("pk", *newest)
        for (name, kind), pk in zip(wanted, keys, strict=True)
        if pk is not None
    }
    files = ReceivedFile.objects.in_bulk(set(ids.values()))
    return {key: files[pk] for key, pk in ids.items() if pk in files}


def _newest(dataset: Dataset, kind: str) -> "QuerySet[Any, Any]":
    mine = Q(shop=OuterRef("slug"))
    files = ReceivedFile.objects.filter(
        connection=OuterRef("connection"), dataset=dataset.name, dry_run=False
    )
    if kind == LAST:
        files = files.filter(mine)
    else:
        files = files.filter(state=ReceivedFile.State.TAKEN, accepted__gt=0)
        if dataset.scoped:  # else the rows are all shops' of the connection, whoever sent the file
            files = files.filter(mine)
    return files.order_by("-received_at").values("pk")[:1]
