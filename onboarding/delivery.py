"""How an e-mail is written and given to the mail server: what the worker does with it.

A link's token is computed while its e-mail is written, so that nothing that opens a page waits in the queue
or in the database.
"""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import F, Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from onboarding import links
from onboarding.models import Mail

ATTEMPTS = 8
QUEUE_AGAIN_AFTER = timedelta(minutes=15)  # its task was lost with the queue
FIRST_WAIT = timedelta(minutes=1)  # before the second attempt; then 2, 4, 8 ... minutes


def due() -> QuerySet[Mail]:
    """E-mails whose time has come: new ones, and those whose last attempt failed."""
    return Mail.objects.filter(sent_at=None, attempts__lt=ATTEMPTS, due_at__lte=timezone.now())


def to_queue(limit: int) -> list[int]:
    """Due e-mails that no task of the last minutes has in hand: marked; the caller queues them."""
    old = timezone.now() - QUEUE_AGAIN_AFTER
    # An attempt that failed is due again at a time of its own: its earlier task is over.
    waiting = due().filter(Q(queued_at=None) | Q(queued_at__lt=old) | Q(queued_at__lt=F("due_at")))
    found = list(waiting.order_by("due_at").values_list("pk", flat=True)[:limit])
    Mail.objects.filter(pk__in=found).update(queued_at=timezone.now())
    return found


def deliver(mail: Mail) -> bool:
    """Give it to the mail server; False where another worker has it. Raises OSError, SMTPException.

    Claimed first: a repeated task sends nothing twice, and what fails here is due again a little later.
    """
    claimed = due().filter(pk=mail.pk, attempts=mail.attempts)
    again_at = timezone.now() + FIRST_WAIT * 2**mail.attempts
    if not claimed.update(due_at=again_at, attempts=F("attempts") + 1):
        return False
    message(mail).send()
    Mail.objects.filter(pk=mail.pk).update(sent_at=timezone.now())
    return True


def message(mail: Mail) -> EmailMultiAlternatives:
    """The e-mail as it is sent."""
    with translation.override(mail.language):
        context = _context(mail)
        subject = render_to_string(f"email/{mail.kind}.subject.txt", context)
        text = render_to_string(f"email/{mail.kind}.txt", context)
        html = render_to_string(f"email/{mail.kind}.html", context)
    made = EmailMultiAlternatives(" ".join(subject.split()), text.strip() + "\n", to=[mail.to])
    made.attach_alternative(html, "text/html")
    return made


def _context(mail: Mail) -> dict[str, Any]:
    about = mail.invitation or mail.hand_off
    return {
        **mail.data,
        "mail": mail,
        "shop": mail.shop,
        "merchant": mail.merchant,
        "link": about,
        "sender": str(about.created_by or "") if about else "",
        "url": _address(mail),
    }


def _address(mail: Mail) -> str:
    """Where its button leads."""
    if mail.invitation:
        path = reverse("invitation", args=[links.token(mail.invitation)])
    elif mail.hand_off:
        path = reverse("hand_off_open", args=[links.token(mail.hand_off)])
    elif mail.shop:
        path = mail.data.get("path") or reverse("shop", args=[mail.shop.slug])
    else:
        path = reverse("home")
    return f"{settings.PORTAL_URL}{path}"
