"""Decides which failure an answer of WSHOP is.

The envelope's `success` is the first test. Why WSHOP refuses is told by the HTTP status where that is
clear, else by the words of error.message, which WSHOP does not document: they stand in dialect.py.
"""

import re
import unicodedata

import msgspec

from connectors import errors as general
from connectors.errors import ConnectorError
from connectors.http import Answer
from connectors.wshop import errors
from connectors.wshop.dialect import Dialect, Reason

LONGEST_MESSAGE = 200
BY_STATUS = {
    401: Reason.TOKEN,
    404: Reason.UNKNOWN_ENDPOINT,
    423: Reason.LOCKED,
    429: Reason.SLOW_DOWN,
    503: Reason.MAINTENANCE,
}
EMAIL = re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+")
TOKEN = re.compile(r"[\w-]{8,}\.[\w-]{8,}\.[\w-]*")


class _Error(msgspec.Struct):
    message: str = ""


class Envelope(msgspec.Struct):
    """What every answer has. PHP writes an empty object as []."""

    success: bool
    error: _Error | str | list[str] | None = None

    @property
    def message(self) -> str:
        given = self.error
        if isinstance(given, list):
            return " ".join(given)
        return given.message if isinstance(given, _Error) else given or ""


def envelope(answer: Answer) -> Envelope | None:
    """The envelope; None where the answer has none."""
    try:
        return msgspec.json.decode(answer.body.removeprefix(b"\xef\xbb\xbf"), type=Envelope)
    except msgspec.MsgspecError:
        return None


def reason(answer: Answer, found: Envelope, dialect: Dialect) -> Reason | None:
    """Why WSHOP refuses; None where neither status nor words tell."""
    said = _plain(found.message)
    by_words = (reason for reason, words in dialect.words if any(word in said for word in words))
    if answer.status in {423, 429, 503}:
        return BY_STATUS[answer.status]
    return next(by_words, None) or BY_STATUS.get(answer.status)


def _plain(text: str) -> str:
    """Lower case, without accents."""
    apart = unicodedata.normalize("NFKD", text.lower().replace("’", "'"))
    return "".join(char for char in apart if not unicodedata.combining(char))


def without_envelope(answer: Answer, *, path: str, login: bool) -> ConnectorError:
    """The failure that an answer is which is not WSHOP's: a page, an outage, or something else's JSON."""
    status, title = answer.status, answer.html_title
    said = f"{path}: status {status}, {answer.content_type[:60]}, title {title!r}"
    wait = answer.retry_after
    if status == 429:
        return general.RateLimitedError(http_status=status, retry_after=wait, detail=said)
    if status == 503 or (answer.is_html and "maintenance" in title.lower()):
        return errors.MaintenanceError(http_status=status, retry_after=wait, detail=said)
    if status >= 500:
        return errors.ShopFailedError(endpoint=path, http_status=status, detail=said)
    if status == 405 and not login:
        return errors.TableError(endpoint=path, http_status=status, detail=f"{said}; correct verb")
    if status in {404, 501} and not login:
        return errors.UnknownEndpointError(endpoint=path, http_status=status, detail=said)
    if status in {401, 403} and not login and not answer.is_html:
        return errors.ProfileError(permission=path, http_status=status, detail=said)
    if answer.is_html:
        return errors.WebPageError(title=title or "-", http_status=status, detail=said)
    if login:
        return errors.NotWshopError(http_status=status, detail=said)
    return errors.MalformedAnswerError(endpoint=path, http_status=status, detail=said)


def refused(
    answer: Answer, found: Envelope, why: Reason | None, *, path: str, login: bool
) -> ConnectorError:
    """The failure of an answer with success false, or with a status that belies its success."""
    status = answer.status
    said = f"{path}: status {status}: {_quoted(found.message)} (request {answer.request_id})"
    match why:
        case Reason.SLOW_DOWN:
            wait = answer.retry_after
            return general.RateLimitedError(http_status=status, retry_after=wait, detail=said)
        case Reason.MAINTENANCE:
            return errors.MaintenanceError(http_status=status, detail=said)
        case _ if status >= 500:
            return errors.ShopFailedError(endpoint=path, http_status=status, detail=said)
        case Reason.LOCKED:
            return errors.AccountLockedError(http_status=status, detail=said)
        case Reason.NO_API_ACCESS:
            return errors.NoApiAccessError(
                permission="API access", path="Users", http_status=status, detail=said
            )
        case _ if login:
            return _login_refused(why, status, said)
        case _ if status == 405:
            said = f"{said}; correct verb in dialect.py"
            return errors.TableError(endpoint=path, http_status=status, detail=said)
        case Reason.UNKNOWN_ENDPOINT:
            return errors.UnknownEndpointError(endpoint=path, http_status=status, detail=said)
        # A token that was made a moment ago is good: what it may not do is the profile's affair.
        case Reason.PERMISSION | Reason.TOKEN:
            return errors.ProfileError(permission=path, http_status=status, detail=said)
        case _:
            return errors.RefusedError(endpoint=path, http_status=status, detail=said)


def _login_refused(why: Reason | None, status: int, said: str) -> ConnectorError:
    if why is Reason.PERMISSION:
        return errors.NoApiAccessError(
            permission="API access", path="Users", http_status=status, detail=said
        )
    if why is Reason.UNKNOWN_ENDPOINT:
        return errors.NotWshopError(http_status=status, detail=said)
    if why in {Reason.PASSWORD, Reason.TOKEN} or status in {400, 401, 422}:
        return errors.WrongPasswordError(http_status=status, detail=said)
    return general.CredentialsError(http_status=status, detail=said)


def _quoted(message: str) -> str:
    """WSHOP's words for staff: one short line without addresses and tokens."""
    line = " ".join(message.split())
    return TOKEN.sub("[token]", EMAIL.sub("[e-mail]", line))[:LONGEST_MESSAGE]
