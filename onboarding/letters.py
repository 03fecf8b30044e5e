"""How an e-mail is written: one message, or several as a digest.

A link's token is computed while its e-mail is written, so that nothing that opens a page waits in the queue
or in the database.
"""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from onboarding import alerts, links
from onboarding.models import Mail


def message(mail: Mail) -> EmailMultiAlternatives:
    """The e-mail as it is sent."""
    with translation.override(mail.language):
        return _written(mail.kind, mail.to, _context(mail))


def digest(parcel: Sequence[Mail]) -> EmailMultiAlternatives:
    """Several as one: the subject of each with where it leads."""
    with translation.override(parcel[-1].language):
        lines = [
            {"subject": subject(mail), "at": mail.created_at, "url": _address(mail)}
            for mail in parcel
        ]
        home = f"{settings.PORTAL_URL}{reverse('pipeline')}"
        return _written("digest", parcel[0].to, {"lines": lines, "url": home})


def subject(mail: Mail) -> str:
    return _one_line(render_to_string(f"email/{mail.kind}.subject.txt", _context(mail)))


def _written(kind: str, to: str, context: dict[str, Any]) -> EmailMultiAlternatives:
    head = _one_line(render_to_string(f"email/{kind}.subject.txt", context))
    text = render_to_string(f"email/{kind}.txt", context)
    made = EmailMultiAlternatives(head, text.strip() + "\n", to=[to])
    made.attach_alternative(render_to_string(f"email/{kind}.html", context), "text/html")
    return made


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _context(mail: Mail) -> dict[str, Any]:
    about = mail.invitation or mail.hand_off
    return {
        **mail.data,
        "mail": mail,
        "shop": mail.shop,
        "merchant": mail.merchant,
        "happened": alerts.title(mail),
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
