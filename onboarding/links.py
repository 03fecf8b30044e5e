"""The tokens of links that are sent by e-mail, and the sessions that opened one.

A token is computed from the link's id and its seal with the portal's own key: neither the database nor the
queue holds anything that opens a page. With a new seal, tokens and sessions of the old one open nothing.
"""

import re
from typing import TypeVar

from django.contrib.sessions.backends.base import SessionBase
from django.utils.crypto import constant_time_compare, salted_hmac

from kleep_portal import redaction
from onboarding.models import HandOff, Invitation

SESSION = "hand_offs"  # {id of a hand-off: its seal}
MOST = 20  # hand-offs remembered by one browser
TOKEN = re.compile(r"([1-9][0-9]{0,18})-([0-9a-f]{64})")

Link = Invitation | HandOff
L = TypeVar("L", Invitation, HandOff)


def token(link: Link) -> str:
    made = f"{link.pk}-{_signature(type(link), link.pk, link.seal)}"
    redaction.remember(made)
    return made


def find(kind: type[L], token: str) -> L | None:
    """The link of that token, whether it still opens or not; None where there is none."""
    parts = TOKEN.fullmatch(token)
    if parts:  # whatever else stands in an address is no secret: nobody blanks our logs with a word
        redaction.remember(token)
    link = kind.objects.filter(pk=parts[1]).first() if parts else None
    if parts is None or link is None:
        return None
    return link if constant_time_compare(parts[2], _signature(kind, link.pk, link.seal)) else None


def _signature(kind: type[Link], pk: int, seal: str) -> str:
    return salted_hmac(
        f"onboarding.{kind.__name__}", f"{pk}:{seal}", algorithm="sha256"
    ).hexdigest()


def is_remembered(session: SessionBase, link: HandOff) -> bool:
    """Whether this browser has opened the link before."""
    return bool(session.get(SESSION, {}).get(str(link.pk)) == link.seal)


def remember(session: SessionBase, link: HandOff) -> None:
    """This browser has opened the link. It gets another session id."""
    opened = dict(session.get(SESSION, {}))
    opened[str(link.pk)] = link.seal
    session.cycle_key()
    session[SESSION] = dict(list(opened.items())[-MOST:])


def of_session(session: SessionBase, slug: str, task: str) -> HandOff | None:
    """The link to that task of that shop which this browser opened, an open one first; None without one."""
    opened = session.get(SESSION, {})
    if not opened:
        return None
    links = HandOff.objects.filter(pk__in=opened, shop__slug=slug, task=task)
    mine = [link for link in links if opened[str(link.pk)] == link.seal]
    return next((link for link in mine if link.is_open), mine[0] if mine else None)
