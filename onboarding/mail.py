"""E-mails to people: noted by `send`, written in the recipient's language and sent by a worker.

A kind of e-mail is an entry of KINDS and three templates: templates/email/<kind>.subject.txt, .txt and .html.
"""

from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import translation

from onboarding import tasks
from onboarding.models import HandOff, Invitation, Mail, Shop, User

KINDS = (
    "invitation",
    "handed_off",
    "task_waiting",
    "mentioned",
    "sent_back",
    "approved",
    "live",
    "undone",
    "page_broken",
    "connection_broken",
    "connection_recovered",
    "file_missing",
    "host_key_changed",
)


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
    if once and Mail.objects.filter(kind=kind, to=to.email, once=once).exists():
        return None
    mail.save()
    transaction.on_commit(partial(tasks.send_mail_soon, mail.pk))
    return mail
