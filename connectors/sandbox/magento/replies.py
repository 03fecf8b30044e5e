"""The bodies that Magento gives where it does not give what was asked for."""

import secrets
from typing import Any

import msgspec

from connectors.sandbox.exchange import Response

Json = dict[str, Any]

JSON_HEADERS = (
    ("Content-Type", "application/json; charset=utf-8"),
    ("Cache-Control", "no-store"),
    ("Pragma", "no-cache"),
    ("Vary", "Accept-Encoding"),
)
HTML_HEADERS = (("Content-Type", "text/html; charset=UTF-8"),)


class Refusal(Exception):  # noqa: N818 (it is an answer, not an error of ours)
    """Ends a request with Magento's error body. `parameters` are not filled in: the client does that."""

    def __init__(
        self, status: int, message: str, parameters: Any = None, *, errors: list[Json] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.body: Json = {"message": message}
        if errors:
            self.body["errors"] = errors
        if parameters is not None:
            self.body["parameters"] = parameters


def encode(value: Any) -> bytes:
    return msgspec.json.encode(value)


def json_response(value: Any, status: int = 200) -> Response:
    return raw_json(encode(value), status)


def raw_json(body: bytes, status: int = 200) -> Response:
    return Response(status=status, body=body, headers=JSON_HEADERS)


def html_response(status: int, title: str, text: str = "") -> Response:
    page = (
        f"<!doctype html>\n<html>\n<head>\n    <title>{title}</title>\n</head>\n<body>\n"
        f"    <h1>{title}</h1>\n    <p>{text}</p>\n</body>\n</html>\n"
    )
    return Response(status=status, body=page.encode(), headers=HTML_HEADERS)


def missing_resources(*resources: str) -> Refusal:
    """For a missing permission, for no credentials at all, and for an inactive integration alike."""
    return Refusal(
        401,
        "The consumer isn't authorized to access %resources.",
        {"resources": ", ".join(resources)},
    )


def required(field: str) -> Refusal:
    return Refusal(400, '"%fieldName" is required. Enter and try again.', {"fieldName": field})


def unsupported(field: str) -> Refusal:
    return Refusal(
        400,
        '"%fieldName" is not supported. Correct the field name and try again.',
        {"fieldName": field},
    )


def internal_error() -> Refusal:
    report = f"webapi-{secrets.token_hex(7)[:13]}"
    return Refusal(
        500, f"Internal Error. Details are available in Magento log file. Report ID: {report}"
    )


def cannot_be_processed() -> Refusal:
    return Refusal(400, "Specified request cannot be processed.")


def no_route() -> Refusal:
    return Refusal(404, "Request does not match any route.")


def no_entity() -> Refusal:
    return Refusal(
        404, "The entity that was requested doesn't exist. Verify the entity and try again."
    )


def no_product() -> Refusal:
    return Refusal(
        404, "The product that was requested doesn't exist. Verify the product and try again."
    )


def no_such(field: str, value: str | int) -> Refusal:
    return Refusal(
        404,
        "No such entity with %fieldName = %fieldValue",
        {"fieldName": field, "fieldValue": value},
    )


def not_an_int(value: str, field: str = "") -> Refusal:
    where = f'Error occurred during "{field}" processing. ' if field else ""
    return Refusal(
        400,
        f'{where}The "{value}" value\'s type is invalid. The "int" type was expected. Verify and try again.',
    )


# --- pages of what stands in front of Magento, or of a Magento that is not up ---


def maintenance_page() -> Response:
    return html_response(
        503, "Service Temporarily Unavailable", "We're offline for maintenance. Come back soon."
    )


def gateway_page(status: int = 502) -> Response:
    reason = {502: "Bad Gateway", 504: "Gateway Time-out"}.get(status, "Error")
    title = f"{status} {reason}"
    page = (
        f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n"
        "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    )
    return Response(status=status, body=page.encode(), headers=(("Content-Type", "text/html"),))


def error_page() -> Response:
    """What PHP shows with its database gone, and what an Accept header it cannot serve gives."""
    return html_response(
        500,
        "There has been an error processing your request",
        "Exception printing is disabled by default for security reasons.</p>\n"
        f"    <p>Error log record number: {secrets.token_hex(32)}",
    )


def login_page() -> Response:
    return html_response(
        200,
        "Restricted area",
        'This shop is not open yet.</p>\n    <form method="post"><input type="password" name="password">'
        "</form>\n    <p>",
    )


def too_many_requests(retry_after: int | None) -> Response:
    """As a content delivery network in front of the shop answers."""
    page = html_response(429, "429 Too Many Requests", "Slow down.")
    if retry_after is None:
        return page
    return Response(
        status=429, body=page.body, headers=(*page.headers, ("Retry-After", str(retry_after)))
    )
