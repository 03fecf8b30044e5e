"""What Kleep's staff are told of: noted in the outbox for webhooks that want it, and for who is in charge."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onboarding import events, mail
from onboarding.models import Event, Mail, Merchant, Shop, User, Webhook

# Kinds of Event; those of an incident are recorded once when it begins and once when it is over.
KINDS = (
    "connection_broken",
    "connection_recovered",
    "pull_failed",
    "pull_recovered",
    "pull_held",
    "pull_released",
    "page_broken",
    "page_recovered",
    "file_missing",
    "host_key_changed",
    "golive_confirmed",
    "golive_sent_back",
    "golive_approved",
    "golive_verified",
    "golive_undone",
    "merchant_created",
    "shop_created",
)
TEST, NOTICE = "test", "notice"
# Where the sentence of the history speaks to the merchant.
FOR_STAFF = {"host_key_changed": gettext_lazy("The shop's SFTP server showed another host key")}


def publish(event: Event) -> None:
    """Note it for each webhook that wants it and for who is in charge of the shop, in this transaction."""
    if event.kind not in KINDS:
        return
    about: Shop | Merchant = event.shop or event.merchant
    said = {"at": event.at.isoformat(), "path": _path(event)}
    for webhook in Webhook.objects.filter(off=""):
        if event.kind in webhook.events:
            mail.post(event.kind, to=webhook, about=about, once=f"event {event.pk}", **said)
    owner = _in_charge(event)
    if owner is not None:
        once = f"event {event.pk}"
        mail.send(NOTICE, to=owner, shop=event.shop, once=once, event=event.kind, **said)


def _in_charge(event: Event) -> User | None:
    """Nobody is told of what they did themselves."""
    owner = event.shop.owner if event.shop else None
    is_told = owner is not None and owner.is_active and owner.is_staff and owner != event.actor
    return owner if is_told else None


def _path(event: Event) -> str:
    if event.shop is None:
        return reverse("people", args=[event.merchant_id])
    page = "console_golive" if event.kind.startswith("golive_") else "console_shop"
    return reverse(page, args=[event.shop.slug])


def title(message: Mail) -> str:
    """One line that says what happened, in the active language."""
    if message.kind == TEST:
        text = _("This is a test of the Kleep onboarding portal, asked for by %(who)s.")
        return text % {"who": message.data.get("who", "")}
    kind = str(message.data.get("event", message.kind))
    is_told_staff = message.webhook_id is not None or message.kind == NOTICE
    return sentence(kind) if is_told_staff else str(mail.KINDS.get(kind, kind))


def sentence(kind: str) -> str:
    """What happened, for staff, in the active language."""
    return str(FOR_STAFF.get(kind) or events.SENTENCES.get(kind, kind))


def url(message: Mail) -> str:
    path = message.data.get("path") or reverse("pipeline")
    return f"{settings.PORTAL_URL}{path}"
