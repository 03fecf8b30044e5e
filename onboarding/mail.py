"""The way into the outbox: messages noted here are written in the recipient's language and sent by a worker.

A kind of e-mail is an entry of KINDS and three templates: templates/email/<kind>.subject.txt, .txt and .html.
What a webhook is told is an event of alerts.KINDS.
"""

from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from onboarding import tasks
from onboarding.models import HandOff, Invitation, Mail, Merchant, Shop, User, Webhook

KINDS: dict[str, str | Promise] = {
    "invitation": _("Invitation"),
    "handed_off": _("Task handed on"),
    "task_waiting": _("Reminder of a task"),
    "mentioned": _("Mentioned in a note"),
    "sent_back": _("Go-live sent back"),
    "approved": _("Go-live approved"),
    "live": _("The shop is live"),
    "undone": _("Go-live undone"),
    "page_broken": _("A product page broke"),
    "connection_broken": _("Connection broken"),
    "connection_recovered": _("Connection works again"),
    "file_missing": _("File did not arrive"),
    "host_key_changed": _("Another host key"),
    "notice": _("Notice for whoever is in charge"),
}


class UnknownKindError(ValueError):
    """There is no e-mail of that kind: it needs three templates and an entry of KINDS."""


def send(
    kind: str,
    *,
    to: User | Invitation | HandOff,
    shop: Shop | None = None,
    once: str = "",
    **context: Any,
) -> Mail | None:
    """Send it after the commit; None where the same person had the same kind with the same `once` already.

    `context` are plain values that the text names, never a secret. Links carry their own address.
    """
    if kind not in KINDS:
        raise UnknownKindError(kind)
    mail = Mail(
        kind=kind,
        to=to.email,
        name=to.name,
        language=to.language or translation.get_language() or settings.LANGUAGE_CODE,
        merchant=to.merchant if isinstance(to, Invitation) else shop.merchant if shop else None,
        shop=shop,
        invitation=to if isinstance(to, Invitation) else None,
        hand_off=to if isinstance(to, HandOff) else None,
        data=context,
        once=once,
    )
    return _note(mail)


def post(
    kind: str, *, to: Webhook, about: Shop | Merchant | None, once: str = "", **context: Any
) -> Mail | None:
    """The same to a webhook."""
    shop, merchant = (about, about.merchant) if isinstance(about, Shop) else (None, about)
    mail = Mail(
        kind=kind,
        webhook=to,
        name=to.name,
        language=to.language,
        merchant=merchant,
        shop=shop,
        data=context,
        once=once,
    )
    return _note(mail)


def _note(mail: Mail) -> Mail | None:
    same = Mail.objects.filter(kind=mail.kind, to=mail.to, webhook=mail.webhook, once=mail.once)
    if mail.once and same.exists():
        return None
    mail.save()
    transaction.on_commit(partial(tasks.send_mail_soon, mail.pk))
    return mail
