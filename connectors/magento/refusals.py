"""Decides which failure an answer of Magento is.

Magento answers 401 for a bad credential and for a missing permission alike, 404 for a missing module and a
missing record, 400 for a wrong address and a wrong question: only the message tells them apart. Messages
are templates (%1, %name) with their parameters beside them; they are put together for `detail` alone.
"""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from connectors.errors import ConnectorError, UnexpectedAnswerError
from connectors.http import Answer
from connectors.magento import errors, failures, permissions, webpages

LONGEST_MESSAGE = 300
OF_COMMERCE = {
    "returns",
    "returnsAttributeMetadata",
}  # routes of that edition, and of every shop of it

Parameters = dict[str, str] | list[str]

# What a message begins with or contains, and what it means. The first that fits wins.
BY_MESSAGE: tuple[tuple[str, type[ConnectorError]], ...] = (
    ("The signature is invalid", errors.SignatureInvalidError),
    ("Consumer key is not the correct length", errors.ConsumerKeyLengthError),
    ("A consumer having the specified key does not exist", errors.UnknownConsumerKeyError),
    ("The token length is invalid", errors.TokenLengthError),
    ("Specified token does not exist", errors.UnknownTokenError),
    ("Token is not associated with the specified consumer", errors.ForeignTokenError),
    ("Token is not an access token", errors.NotAccessTokenError),
    ("Access token has been revoked", errors.TokenRevokedError),
    ("The account sign-in was incorrect", errors.AdminSignInError),
    ("Signature method", errors.SignatureMethodError),
    ("Oauth version isn't supported", failures.OAuthVersionError),
    ("The nonce is already being used", failures.NonceReusedError),
    ("An error occurred validating the nonce", errors.ClockError),
    ("attribute name is invalid", failures.UnknownFilterError),
    ("is not supported. Correct the field name", failures.UnknownCriterionError),
    ("The sort order has to be specified", failures.SortDirectionError),
    ("value's type is invalid", failures.ValueTypeError),
    ("Decoding error", failures.BodyRefusedError),
    ("Server cannot understand Content-Type", failures.ContentTypeRefusedError),
    ("Server cannot match any of the given Accept", failures.AcceptRefusedError),
    ("HTTP method is not supported", failures.MethodRefusedError),
)
REPORT = re.compile(r"(?:Report ID: |report )([\w/-]{4,60})")
PLACEHOLDER = re.compile(r"%(\w+)")


class _Inner(msgspec.Struct):
    message: str = ""
    parameters: Any = None


class _Fault(msgspec.Struct):
    error: list[_Inner] = []


class Refusal(msgspec.Struct):
    """The body of a refusal. PHP faults use `messages` instead of `message`."""

    message: str = ""
    parameters: Any = None
    errors: list[_Inner] = []
    messages: _Fault | None = None


def refusal(
    answer: Answer, *, resource: str, store: str = "", asynchronous: bool = False
) -> ConnectorError:
    """The failure that an answer is, whose status is not 200 or whose body is not JSON.

    `resource`: the route that was asked, for people. `store`: the store code in the URL, if any.
    """
    if webpages.looks_like_html(answer):
        return webpages.failure_of_page(answer)
    if answer.status == 429:
        return failures.SlowDownError(http_status=429, retry_after=webpages.retry_after(answer))
    if 300 <= answer.status < 400:
        return _plain(errors.RedirectError, answer, "")
    try:
        body = msgspec.json.decode(answer.body, type=Refusal)
    except msgspec.MsgspecError as error:
        return _unreadable(answer, str(error))
    return _of_body(body, answer, resource=resource, store=store, asynchronous=asynchronous)


def _unreadable(answer: Answer, reason: str) -> ConnectorError:
    """Neither HTML nor JSON. `reason`: what the decoder says, which quotes nothing of the body."""
    if answer.status in {502, 504}:
        return failures.GatewayError(
            http_status=answer.status, status=answer.status, title="-", detail=_detail(answer, "")
        )
    if answer.status == 503:
        return failures.MaintenanceError(
            http_status=503, status=503, title="-", retry_after=webpages.retry_after(answer)
        )
    if answer.status >= 500:
        return _plain(failures.ServerError, answer, answer.content_type)
    if answer.status == 405:
        return _plain(failures.MethodRefusedError, answer, "")
    if "truncated" in reason and answer.body:
        return failures.TruncatedError(http_status=answer.status, detail=_detail(answer, reason))
    if answer.content_type == "application/json":
        return _plain(failures.MixedJsonError, answer, "cannot be decoded")
    return failures.NotJsonError(
        http_status=answer.status,
        content_type=answer.content_type[:60] or "-",
        detail=_detail(answer, answer.content_type),
    )


def _of_body(
    body: Refusal, answer: Answer, *, resource: str, store: str, asynchronous: bool
) -> ConnectorError:
    inner = body.messages.error if body.messages else []
    message = body.message or (inner[0].message if inner else "")
    parameters = _strings(body.parameters)
    said = _detail(answer, substituted(message, parameters))
    status = answer.status
    if "isn't authorized to access %resources" in message or "not authorized to access" in message:
        return _missing_permission(parameters, resource, said, status)
    if message.startswith("Specified request cannot be processed"):
        return _wrong_path(store, said, status, asynchronous=asynchronous)
    if message.startswith("Request does not match any route"):
        return _unknown_route(resource, said, status)
    if "is required" in message or body.errors:
        return _missing_value(body, said, status)
    if message.startswith("Maximum SearchCriteria pageSize"):
        return _page_size(parameters, said, status)
    for text, kind in BY_MESSAGE:
        if text in message:
            name = next(iter(_values(parameters)), "-")
            return kind(detail=said, http_status=status, status=status, name=name[:80])
    return _by_status(message, said, status)


def _by_status(message: str, said: str, status: int) -> ConnectorError:
    report = REPORT.search(message)
    if status >= 500 and report:
        kind = failures.InternalError if "webapi-" in report[1] else failures.FatalError
        return kind(detail=said, http_status=status, report=report[1])
    if status >= 500:
        return failures.ServerError(detail=said, http_status=status, status=status)
    if status == 401:
        return errors.CredentialsRefusedError(detail=said, http_status=status, status=status)
    if status == 403:
        return errors.FirewallError(detail=said, http_status=status, status=status, title="-")
    if status == 404:
        return failures.RecordNotFoundError(detail=said, http_status=status)
    if status == 405:
        return failures.MethodRefusedError(detail=said, http_status=status)
    return failures.RequestRefusedError(detail=said, http_status=status, status=status)


def _missing_permission(
    parameters: Parameters, resource: str, said: str, status: int
) -> ConnectorError:
    named = ", ".join(_values(parameters))[:200] or "-"
    return errors.PermissionNotTickedError(
        detail=said,
        http_status=status,
        permission=named,
        path=permissions.paths(named),
        resource=resource,
    )


def _wrong_path(store: str, said: str, status: int, *, asynchronous: bool) -> ConnectorError:
    if asynchronous:
        return failures.AsyncReadError(detail=said, http_status=status)
    if store:
        return errors.UnknownStoreCodeError(detail=said, http_status=status, store=store)
    return errors.WrongBasePathError(detail=said, http_status=status)


def _unknown_route(resource: str, said: str, status: int) -> ConnectorError:
    if resource.split("/")[0] in OF_COMMERCE:
        return errors.ReturnsNotInEditionError(detail=said, http_status=status)
    return errors.RouteUnknownError(detail=said, http_status=status, resource=resource)


def _missing_value(body: Refusal, said: str, status: int) -> ConnectorError:
    """Something that we sent did not arrive: part of the header, or the question itself."""
    given = [body.parameters, *(one.parameters for one in body.errors)]
    names = [value for one in given for value in _values(_strings(one))]
    if any(name.startswith("oauth_") for name in names):
        missing = ", ".join(names)[:120]
        return errors.HeaderAlteredError(detail=said, http_status=status, missing=missing)
    if "searchCriteria" in names:
        return failures.QueryDroppedError(detail=said, http_status=status)
    name = names[0][:80] if names else "-"
    return failures.ParameterRequiredError(detail=said, http_status=status, name=name)


def _page_size(parameters: Parameters, said: str, status: int) -> ConnectorError:
    found = next(iter(_values(parameters)), "")
    maximum = int(found) if found.isascii() and found.isdigit() else 0
    return failures.PageSizeError(detail=said, http_status=status, maximum=maximum)


def substituted(message: str, parameters: Parameters) -> str:
    """The message with its placeholders filled in, as a person in the shop would read it."""
    if isinstance(parameters, list):
        named: Mapping[str, str] = {str(at): one for at, one in enumerate(parameters, start=1)}
    else:
        named = parameters
    return PLACEHOLDER.sub(lambda found: named.get(found[1], found[0]), message)


def _strings(given: object) -> Parameters:
    if isinstance(given, dict):
        return {str(name): str(value) for name, value in given.items()}
    return [str(value) for value in given] if isinstance(given, list) else []


def _values(parameters: Parameters) -> list[str]:
    return list(parameters.values()) if isinstance(parameters, dict) else parameters


def _plain(kind: type[ConnectorError], answer: Answer, said: str) -> ConnectorError:
    return kind(detail=_detail(answer, said), http_status=answer.status, status=answer.status)


def _detail(answer: Answer, said: str) -> str:
    return f"{said[:LONGEST_MESSAGE]} (status {answer.status}, request {answer.request_id})".strip()


def unknown_shape(error: Exception, answer: Answer) -> UnexpectedAnswerError:
    """JSON that decodes into something else than expected. msgspec names the place, not the value."""
    return failures.UnknownShapeError(detail=_detail(answer, str(error)), http_status=answer.status)
