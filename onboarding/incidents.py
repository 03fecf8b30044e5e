"""Tells a merchant's people that a connection broke, and that it works again: one e-mail each per incident.

Broken is what the engine calls so, refused three times hours apart, or a shop that was silent for a day. What
was told is known from the e-mails themselves; who was told of a break is told of its end, nobody else is.
"""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from connectors.circuit import REFUSALS
from connectors.models import Connection
from onboarding import mail
from onboarding.access import CHANGING_ROLES
from onboarding.models import Mail, Shop, User

BROKEN, RECOVERED = "connection_broken", "connection_recovered"
SILENT = timedelta(days=1)
# An older incident is told no end: nobody waits for it any more.
REMEMBERED = timedelta(days=90)


def tell() -> None:
    for connection in broken():
        _tell_broken(connection)
    for told in _untold():
        _tell_recovered(told)


def broken() -> QuerySet[Connection]:
    silent = Q(circuit__opened_at__lte=timezone.now() - SILENT)
    return Connection.objects.filter(
        Q(circuit__refusals__gte=REFUSALS) | silent, paused_at=None
    ).select_related("circuit")


def _tell_broken(connection: Connection) -> None:
    shop = connection.shops.select_related("merchant").order_by("pk").first()
    if shop is None:
        return
    is_refused = connection.circuit.refusals >= REFUSALS
    for person in _people(shop):
        # By its number: old e-mails are removed, and counting those that are left would repeat one.
        ended = Mail.objects.filter(
            kind=RECOVERED, to=person.email, once__startswith=f"{connection.pk} "
        ).values_list("once", flat=True)
        number = 1 + max((int(once.split()[1]) for once in ended), default=0)
        mail.send(
            BROKEN,
            to=person,
            shop=shop,
            once=f"{connection.pk} {number}",
            refused=is_refused,
            path=reverse("check", args=[shop.slug]),
        )


def _people(shop: Shop) -> QuerySet[User]:
    return User.objects.filter(
        membership__merchant=shop.merchant_id, membership__role__in=CHANGING_ROLES, is_active=True
    )


def _untold() -> Iterator[Mail]:
    """E-mails of incidents whose end nobody was told of."""
    recent = Mail.objects.filter(created_at__gt=timezone.now() - REMEMBERED)
    ended = set(recent.filter(kind=RECOVERED).values_list("to", "once"))
    for told in recent.filter(kind=BROKEN).select_related("shop__connection").order_by("pk"):
        if (told.to, told.once) not in ended:
            yield told


def _tell_recovered(told: Mail) -> None:
    """Nobody who has left the company since, and nothing of a connection that was replaced."""
    shop = told.shop
    connection = shop.connection if shop else None
    if shop is None or connection is None or str(connection.pk) != told.once.split()[0]:
        return
    if connection.health != Connection.Health.WORKING or broken().filter(pk=connection.pk).exists():
        return
    person = _people(shop).filter(email=told.to).first()
    if person is not None:
        mail.send(RECOVERED, to=person, shop=shop, once=told.once)
