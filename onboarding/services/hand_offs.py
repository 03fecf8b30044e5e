"""A task in the hands of somebody without an account: handed off, opened, sent again, withdrawn."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from onboarding import mail
from onboarding.models import HandOff, Shop, User
from onboarding.models.links import in_a_week, new_seal
from onboarding.services.recording import record

CLICKED_TWICE = timedelta(minutes=1)


def hand_off(
    shop: Shop, task: str, *, email: str, name: str = "", language: str = "", by: User
) -> HandOff:
    """Send somebody a link to one task of the shop. It opens for a week. A second click sends nothing."""
    just_now = timezone.now() - CLICKED_TWICE
    with transaction.atomic():
        Shop.objects.select_for_update().get(pk=shop.pk)  # the second waits for the first
        same = HandOff.objects.filter(shop=shop, task=task, email=email, name=name)
        sent = same.filter(revoked_at=None, created_at__gt=just_now).first()
        if sent is not None:
            return sent
        link = HandOff.objects.create(
            shop=shop, task=task, email=email, name=name, language=language, created_by=by
        )
        record(shop, "handed_off", by=by, task=task, to=str(link))
        mail.send("handed_off", to=link, shop=shop)
    return link


def open_hand_off(link: HandOff) -> None:
    """Somebody has opened the link in a browser that had not opened it yet."""
    with transaction.atomic():
        HandOff.objects.filter(pk=link.pk, opened_at=None).update(opened_at=timezone.now())
        record(link.shop, "hand_off_opened", by=link, task=link.task)


def renew_hand_off(link: HandOff, *, by: User) -> None:
    """Another link to the same task, for a week from now; the one that was sent opens nothing any more."""
    with transaction.atomic():
        link.seal, link.expires_at, link.revoked_at = new_seal(), in_a_week(), None
        link.save(update_fields=["seal", "expires_at", "revoked_at"])
        record(link.shop, "hand_off_renewed", by=by, task=link.task, to=str(link))
        mail.send("handed_off", to=link, shop=link.shop)


def revoke_hand_off(link: HandOff, *, by: User) -> None:
    """The link opens nothing from now on, in whatever browser it was opened."""
    with transaction.atomic():
        if HandOff.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=timezone.now()):
            record(link.shop, "hand_off_revoked", by=by, task=link.task, to=str(link))
