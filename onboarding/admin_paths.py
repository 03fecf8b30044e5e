"""From a shop to the admin's lists of what belongs to it."""

from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from onboarding.models import Shop

Way = tuple[str, str]  # a title and an address


def of_shop(shop: Shop) -> list[Way]:
    ways = [(_("Shop"), reverse("admin:onboarding_shop_change", args=[shop.pk]))]
    if shop.connection_id:
        connection = str(shop.connection_id)
        ways += [
            (_("Connection"), reverse("admin:connectors_connection_change", args=[connection])),
            (_("Cursors"), _list("connectors_cursor", "connection__id__exact", connection)),
            (_("Pulls"), _list("connectors_pullrun", "cursor__connection__id__exact", connection)),
            (_("Checks"), _list("connectors_check", "connection__id__exact", connection)),
            (_("Files"), _list("connectors_receivedfile", "connection__id__exact", connection)),
        ]
    return [
        *ways,
        (_("E-mails"), _list("onboarding_mail", "shop__id__exact", str(shop.pk))),
        (_("Events"), _list("onboarding_event", "shop__id__exact", str(shop.pk))),
    ]


def _list(page: str, asks: str, value: str) -> str:
    return f"{reverse(f'admin:{page}_changelist')}?{urlencode({asks: value})}"
