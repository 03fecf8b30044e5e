"""The channel to webhooks: what is posted, how it is signed, and what an answer means.

A post goes through the network door once: no redirect is followed, the answer is read to a limit. Signatures
are those of Standard Webhooks, https://www.standardwebhooks.com: docs/webhooks.md says how to verify one.
"""

import base64
import binascii
import hmac
import re
import secrets
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from connectors import errors
from connectors.http import Answer, Auth, Door, Limits, origin_of
from kleep_portal import crypto, redaction
from onboarding import alerts
from onboarding.models import Mail, Webhook
from onboarding.outcomes import Outcome

LIMITS = Limits(
    connect=5, read=10, total=15, max_bytes=65_536, max_decompressed_bytes=65_536, max_redirects=0
)
GONE = 410
WORDS = 200  # characters of an answer that are kept
SECRET_BYTES = 32
OVERLAP = timedelta(hours=24)  # in which a secret that was replaced signs beside the new one
# What an address begins with is no secret, and the redaction would blank it out everywhere.
MARK = "kleep-webhook "
LONG = 16
TOKEN = re.compile(r"[\w.~-]{8,}")


def new_secret() -> str:
    return f"whsec_{base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()}"


def origin(url: str) -> str:
    """What of an address may be shown. Raises AddressError."""
    place = origin_of(url)
    parts = urlsplit(url)
    return f"{place.scheme}://{parts.netloc.lower()}"


class Kept(NamedTuple):
    """What is sealed of a webhook. `before`: the secret before, and the second until which it signs, too."""

    url: str = ""
    secret: str = ""  # blank: it is not signed
    before: str = ""

    @property
    def signing(self) -> list[str]:
        """The secret; beside it the one before, as long as the receiver may not know the new one."""
        old, _blank, until = self.before.partition(" ")
        is_valid = bool(until) and timezone.now().timestamp() < int(until)
        return [one for one in (self.secret, old if is_valid else "") if one]

    def renewed(self) -> "Kept":
        until = int((timezone.now() + OVERLAP).timestamp())
        return Kept(self.url, new_secret(), f"{self.secret} {until}" if self.secret else "")


def seal(webhook: Webhook, kept: Kept) -> str:
    _remember(kept)
    named = {"address": f"{MARK}{kept.url}", "secret": kept.secret, "before": kept.before}
    return crypto.seal(str(webhook.pk), {name: value for name, value in named.items() if value})


def unseal(webhook: Webhook) -> Kept:
    """Raises SealError."""
    found = crypto.unseal(str(webhook.pk), webhook.sealed)
    url = found.get("address", "").removeprefix(MARK)
    kept = Kept(url, found.get("secret", ""), found.get("before", ""))
    _remember(kept)
    return kept


def _remember(kept: Kept) -> None:
    """The parts behind the host are what opens it; short words among them would blank out our logs."""
    if kept.before:
        redaction.remember(kept.before.partition(" ")[0])
    parts = urlsplit(kept.url)
    for part in TOKEN.findall(f"{parts.path} {parts.query}"):
        if len(part) >= LONG or re.search(r"\d", part):
            redaction.remember(part)


def post(parcel: Sequence[Mail]) -> Outcome:
    """Several messages are one document, known by their batch."""
    webhook = parcel[0].webhook
    assert webhook is not None  # noqa: S101  # the outbox gives us no others
    if webhook.off:
        return Outcome(error="switched_off")
    try:
        kept = unseal(webhook)
    except crypto.SealError:
        return Outcome(error="unreadable")
    number = f"msg_{parcel[0].batch.hex if parcel[0].batch else parcel[0].pk}"
    with translation.override(webhook.language):
        made = slack(parcel) if webhook.kind == Webhook.Kind.SLACK else document(parcel, number)
    return _ask(kept.url, made, _signer(number, kept.signing) if kept.signing else None)


def _ask(url: str, made: dict[str, Any], auth: Auth | None) -> Outcome:
    try:
        with Door(auth, limits=LIMITS) as door:
            answer = door.request("POST", url, json=made)
    except errors.AddressError as error:
        if error.http_status is not None:  # it answered, with another address
            return Outcome(error="redirect", status=error.http_status)
        return Outcome(error="address", answer=error.code)
    except errors.AnswerTooLargeError:
        return Outcome(error="too_large")
    except errors.ConnectorError as error:
        return Outcome(error="silent", answer=error.code)
    return _read(answer)


def _read(answer: Answer) -> Outcome:
    words = redaction.scrub(" ".join(answer.body[:2_000].decode("utf-8", "replace").split()))
    return Outcome(
        error=_error(answer.status),
        status=answer.status,
        answer=words[:WORDS],
        retry_after=_retry_after(answer),
    )


def _error(status: int) -> str:
    if 200 <= status < 300:
        return ""
    if status == GONE:
        return "gone"
    return "redirect" if 300 <= status < 400 else "status"


def _retry_after(answer: Answer) -> float | None:
    """Seconds; a date is one way to say them, too."""
    if answer.retry_after is not None:
        return answer.retry_after
    try:
        until = parsedate_to_datetime(answer.headers.get("Retry-After", ""))
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(0.0, (until - timezone.now()).total_seconds())


def _signer(number: str, secrets_given: Sequence[str]) -> Auth:
    """Signs the very bytes that go out, with each secret."""
    keys = [_key(secret) for secret in secrets_given]

    def sign(request: Any) -> Any:
        sent = str(int(time.time()))
        signed = f"{number}.{sent}.".encode() + request.body
        made = [base64.b64encode(hmac.digest(key, signed, "sha256")).decode() for key in keys]
        request.headers["webhook-id"] = number
        request.headers["webhook-timestamp"] = sent
        request.headers["webhook-signature"] = " ".join(f"v1,{signature}" for signature in made)
        return request

    return sign


def _key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        return secret.encode()


def document(parcel: Sequence[Mail], number: str) -> dict[str, Any]:
    """The JSON document for a program."""
    if len(parcel) == 1:
        return {"id": number, **_entry(parcel[0])}
    return {
        "id": number,
        "event": "digest",
        "at": timezone.now().isoformat(),
        "text": _together(parcel),
        "shop": None,
        "merchant": None,
        "url": f"{settings.PORTAL_URL}{reverse('pipeline')}",
        "messages": [_entry(mail) for mail in parcel],
    }


def _entry(mail: Mail) -> dict[str, Any]:
    shop, merchant = mail.shop, mail.merchant
    return {
        "event": mail.kind,
        "at": mail.data.get("at") or mail.created_at.isoformat(),
        "text": alerts.title(mail),
        "shop": {"slug": shop.slug, "name": shop.name} if shop else None,
        "merchant": {"id": str(merchant.pk), "name": merchant.name} if merchant else None,
        "url": alerts.url(mail),
    }


def slack(parcel: Sequence[Mail]) -> dict[str, Any]:
    """What Slack and its likes show."""
    lines = [_line(mail) for mail in parcel]
    head = [f"*{_escaped(_together(parcel))}*"] if len(parcel) > 1 else []
    return {"text": "\n".join([*head, *lines])}


def _together(parcel: Sequence[Mail]) -> str:
    return _("Kleep onboarding: %(number)s messages") % {"number": len(parcel)}


def _line(mail: Mail) -> str:
    about = " · ".join(str(one) for one in (mail.shop, mail.merchant) if one)
    begin = f"*{_escaped(about)}*: " if about else ""
    moment = datetime.fromisoformat(mail.data["at"]) if "at" in mail.data else mail.created_at
    when = f"({moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC)"
    word = _("Open the shop") if mail.shop else _("Open the pipeline")
    link = f"<{alerts.url(mail)}|{_escaped(word)}>"
    return f"{begin}{_escaped(alerts.title(mail))} {when} {link}"


def _escaped(text: str) -> str:
    """A shop's name calls nobody: Slack's own signs are written out."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
