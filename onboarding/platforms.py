"""What a shop runs on: the platforms to choose from, and which one a shop has."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from connectors import registry
from connectors.base import Connector
from onboarding.models import Shop

OTHER = "other"  # nothing that we read by ourselves: its data comes in files


@dataclass(frozen=True, kw_only=True)
class Choice:
    key: str
    label: str
    about: str


def readable() -> dict[str, type[Connector]]:
    """The platforms that introduce themselves, by key: shops, and no file servers."""
    return {key: one for key, one in registry.platforms().items() if one.about}


def choices() -> list[Choice]:
    """Every platform that introduces itself, and “another one”."""
    found = [
        Choice(key=key, label=str(connector.label), about=str(connector.about))
        for key, connector in readable().items()
    ]
    other = Choice(
        key=OTHER,
        label=_("Another one, or I do not know"),
        about=_("You send files instead: we give you templates. Kleep helps you on the way."),
    )
    return [*found, other]


def platform_of(shop: Shop) -> str:
    """What it is connected through, or what was chosen for it; blank: nobody chose yet."""
    connection = shop.connection
    return connection.platform if connection and connection.has_api else shop.platform


def connector_of(shop: Shop) -> type[Connector] | None:
    """None where nobody chose yet, or where files are sent instead."""
    return registry.platforms().get(platform_of(shop))


def is_connected(shop: Shop) -> bool:
    """Whether it has an access of its platform; then the platform can no longer be changed."""
    return shop.connection is not None and shop.connection.has_api


def is_accepted(shop: Shop) -> bool:
    """Whether its access works as far as we know."""
    connection = shop.connection
    return bool(
        connection and connection.has_api and connection.health != connection.Health.FAILING
    )


def sharable(shop: Shop) -> list[Shop]:
    """Connected shops of the same merchant whose access this one may use."""
    if shop.connection is not None:
        return []  # what came as files stays with its own connection
    others = Shop.objects.select_related("merchant", "connection").filter(
        merchant=shop.merchant_id, connection__platform=platform_of(shop)
    )
    return list(others.exclude(pk=shop.pk).order_by("name"))
