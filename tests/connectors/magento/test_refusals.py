"""Every answer by which a Magento refuses us is named: its own class, its own sentence, no vendor's text."""

import json

import pytest

from connectors.errors import (
    AddressError,
    ConnectorError,
    CredentialsError,
    MerchantError,
    NotAvailableError,
    PermissionMissingError,
    RateLimitedError,
    RetryLaterError,
    ShopDownError,
    UnexpectedAnswerError,
)
from connectors.http import Answer
from connectors.magento import errors, failures
from connectors.magento.client import decoder
from connectors.magento.refusals import refusal, substituted
from tests import recordings

# Classes that say only that something is wrong: no answer that we know may end here.
NAMELESS = {
    ConnectorError,
    MerchantError,
    AddressError,
    CredentialsError,
    RetryLaterError,
    ShopDownError,
    UnexpectedAnswerError,
    errors.CredentialsRefusedError,
    failures.RequestRefusedError,
}
JSON = "application/json; charset=utf-8"
HTML = "text/html; charset=UTF-8"


def answer(status: int, body: object, content_type: str = JSON, **headers: str) -> Answer:
    content = body if isinstance(body, str) else json.dumps(body)
    return Answer(
        status=status,
        headers={"Content-Type": content_type, **headers},
        body=content.encode(),
        url="https://shop.example/rest/V1/orders",
        seconds=0.1,
        request_id="r1",
    )


def classified(
    status: int, body: object, *, resource: str = "orders", store: str = ""
) -> ConnectorError:
    return refusal(answer(status, body), resource=resource, store=store)


def said(message: str, parameters: object = None) -> dict[str, object]:
    return {"message": message} | ({"parameters": parameters} if parameters is not None else {})


BY_MESSAGE = [
    (401, said("The signature is invalid. Verify and try again."), errors.SignatureInvalidError),
    (401, said("Consumer key is not the correct length"), errors.ConsumerKeyLengthError),
    (
        401,
        said("A consumer having the specified key does not exist"),
        errors.UnknownConsumerKeyError,
    ),
    (
        400,
        said("The token length is invalid. Check the length and try again."),
        errors.TokenLengthError,
    ),
    (401, said("Specified token does not exist"), errors.UnknownTokenError),
    (
        401,
        said("Token is not associated with the specified consumer"),
        errors.ForeignTokenError,
    ),
    (401, said("Token is not an access token"), errors.NotAccessTokenError),
    (401, said("Access token has been revoked"), errors.TokenRevokedError),
    (
        401,
        said("The account sign-in was incorrect or your account is disabled temporarily."),
        errors.AdminSignInError,
    ),
    (
        401,
        said("The nonce is already being used by the consumer with ID %1", ["7"]),
        failures.NonceReusedError,
    ),
    (401, said("An error occurred validating the nonce"), errors.ClockError),
    (
        400,
        said("Signature method %1 is not supported", ["HMAC-SHA256"]),
        errors.SignatureMethodError,
    ),
    (400, said('The "%1" Oauth version isn\'t supported.', ["2.0"]), failures.OAuthVersionError),
    (
        400,
        said('"%fieldName" is required. Enter and try again.', {"fieldName": "oauth_nonce"}),
        errors.HeaderAlteredError,
    ),
    (
        400,
        {
            "message": "One or more input exceptions have occurred.",
            "errors": [
                said('"%fieldName" is required.', {"fieldName": "oauth_nonce"}),
                said('"%fieldName" is required.', {"fieldName": "oauth_timestamp"}),
            ],
        },
        errors.HeaderAlteredError,
    ),
    (
        400,
        said('"%fieldName" is required. Enter and try again.', {"fieldName": "searchCriteria"}),
        failures.QueryDroppedError,
    ),
    (
        400,
        said('"%fieldName" is required. Enter and try again.', {"fieldName": "scopeId"}),
        failures.ParameterRequiredError,
    ),
    (404, said("Request does not match any route."), errors.RouteUnknownError),
    (400, said("Specified request cannot be processed."), errors.WrongBasePathError),
    (405, said("The PATCH HTTP method is not supported."), failures.MethodRefusedError),
    (400, said("Maximum SearchCriteria pageSize is %max", {"max": 300}), failures.PageSizeError),
    (
        400,
        said('The "%1" attribute name is invalid. Reset the name and try again.', ["foo"]),
        failures.UnknownFilterError,
    ),
    (
        400,
        said('"%fieldName" is not supported. Correct the field name.', {"fieldName": "Bogus"}),
        failures.UnknownCriterionError,
    ),
    (
        400,
        said(
            "The sort order has to be specified as %1 for ascending order or %2.", ["ASC", "DESC"]
        ),
        failures.SortDirectionError,
    ),
    (400, said('The "abc" value\'s type is invalid.'), failures.ValueTypeError),
    (400, said("Decoding error."), failures.BodyRefusedError),
    (
        400,
        said("Server cannot understand Content-Type HTTP header media type text/plain"),
        failures.ContentTypeRefusedError,
    ),
    (
        404,
        said("The product that was requested doesn't exist. Verify the product and try again."),
        failures.RecordNotFoundError,
    ),
    (
        500,
        said(
            "Internal Error. Details are available in Magento log file. Report ID: webapi-66f1c0f"
        ),
        failures.InternalError,
    ),
    (
        406,
        {"messages": {"error": [said("Server cannot match any of the given Accept HTTP header")]}},
        failures.AcceptRefusedError,
    ),
    (
        500,
        {"messages": {"error": [said("Server internal error. See details in report api/123456")]}},
        failures.FatalError,
    ),
    (429, {"message": "Too Many Requests", "trace": None}, failures.SlowDownError),
]


@pytest.mark.parametrize(("status", "body", "expected"), BY_MESSAGE)
def test_each_message_of_magento_has_a_class_of_its_own(
    status: int, body: object, expected: type[ConnectorError]
) -> None:
    error = classified(status, body)
    assert type(error) is expected
    assert error.http_status == status
    assert error.message
    assert "%" not in error.message


def test_no_two_of_these_share_a_sentence() -> None:
    texts = [str(kind.text) for _status, _body, kind in BY_MESSAGE]
    assert len(set(texts)) == len({kind for _status, _body, kind in BY_MESSAGE})


def test_a_missing_permission_names_it() -> None:
    body = said(
        "The consumer isn't authorized to access %resources.",
        {"resources": "Magento_Sales::actions_view"},
    )
    error = classified(401, body)
    assert isinstance(error, PermissionMissingError)
    assert error.params["permission"] == "Magento_Sales::actions_view"
    assert "The consumer isn't authorized to access Magento_Sales::actions_view." in error.detail


def test_a_wrong_store_code_is_named() -> None:
    error = classified(400, said("Specified request cannot be processed."), store="default")
    assert type(error) is errors.UnknownStoreCodeError
    assert "default" in error.message


def test_reading_through_the_asynchronous_api_is_named() -> None:
    answered = answer(400, said("Specified request cannot be processed."))
    error = refusal(answered, resource="orders", asynchronous=True)
    assert type(error) is failures.AsyncReadError


def test_returns_without_adobe_commerce_are_not_available_and_say_what_to_do_instead() -> None:
    error = classified(404, said("Request does not match any route."), resource="returns")
    assert type(error) is errors.ReturnsNotInEditionError
    assert isinstance(error, NotAvailableError)
    assert "CSV" in error.message


def page(title: str, more: str = "") -> str:
    return f"<!doctype html><html><head><title>{title}</title></head><body>{more}</body></html>"


PAGES = [
    (503, page("Service Temporarily Unavailable"), failures.MaintenanceError),
    (502, page("502 Bad Gateway"), failures.GatewayError),
    (504, page("504 Gateway Time-out"), failures.GatewayError),
    (500, page("There has been an error processing your request"), failures.ErrorPageError),
    (403, page("403 Forbidden"), errors.FirewallError),
    (503, page("Just a moment..."), errors.FirewallError),
    (401, page("401 Authorization Required"), errors.PasswordWallError),
    (200, page("Customer Login"), errors.LoginPageError),
    (200, page("Bienvenue", '<input name="p" type="password">'), errors.LoginPageError),
    (200, page("Robes &amp; jupes"), errors.NotTheApiError),
    (404, page("404 Not Found"), errors.NotTheApiError),
    (429, page("Too many requests"), failures.SlowDownError),
]


@pytest.mark.parametrize(("status", "body", "expected"), PAGES)
def test_a_web_page_is_named_with_its_status_and_its_title(
    status: int, body: str, expected: type[ConnectorError]
) -> None:
    error = refusal(answer(status, body, HTML), resource="orders")
    assert type(error) is expected
    if "%(title)s" in str(expected.text):
        title = body.split("<title>")[1].split("</title>")[0].replace("&amp;", "&")
        assert str(status) in error.message
        assert title in error.message


def test_a_page_without_its_content_type_is_recognised() -> None:
    error = refusal(answer(200, page("Shop"), JSON), resource="orders")
    assert type(error) is errors.NotTheApiError


def test_the_wait_that_a_shop_asks_for_is_kept() -> None:
    body = page("Maintenance")
    waiting = refusal(answer(503, body, HTML, **{"Retry-After": "120"}), resource="orders")
    assert waiting.retry_after == 120.0
    slow = refusal(answer(429, "{}", **{"Retry-After": "7"}), resource="orders")
    assert (type(slow), slow.retry_after) == (failures.SlowDownError, 7.0)
    dated = refusal(
        answer(503, body, HTML, **{"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}), resource="x"
    )
    assert dated.retry_after is None


def test_what_is_neither_json_nor_a_page_is_named() -> None:
    xml = refusal(answer(200, "<?xml version='1.0'?><a/>", "application/xml"), resource="orders")
    assert (type(xml), xml.params["content_type"]) == (failures.NotJsonError, "application/xml")
    mixed = refusal(answer(200, 'Warning: foo{"items":[]}'), resource="orders")
    assert type(mixed) is failures.MixedJsonError
    broken = refusal(answer(200, '{"items":[{"entity_id":1'), resource="orders")
    assert type(broken) is failures.TruncatedError
    empty = refusal(answer(405, "", JSON), resource="orders")
    assert type(empty) is failures.MethodRefusedError
    gateway = refusal(answer(504, "upstream request timeout", "text/plain"), resource="orders")
    assert type(gateway) is failures.GatewayError
    nothing = refusal(answer(500, "", "text/plain"), resource="orders")
    assert type(nothing) is failures.ServerError


def test_placeholders_are_filled_in_for_staff() -> None:
    assert substituted("%1 of %2, 100%", ["a", "b"]) == "a of b, 100%"
    assert (
        substituted("%fieldName = %fieldValue", {"fieldName": "id", "fieldValue": "9"}) == "id = 9"
    )


def test_a_shops_text_does_not_reach_the_merchants_sentence() -> None:
    planted = "planted-text-of-the-shop"
    for status in (400, 401, 403, 404, 500):
        error = classified(status, said(f"{planted} happened"))
        assert planted not in error.message
        assert planted in error.detail
        assert len(classified(status, said("x" * 100_000)).detail) < 500


REFUSED = [
    name
    for name in recordings.names("*")
    if name == recordings.NONE_HERE
    or recordings.load(name).status >= 400
    or "json" not in recordings.load(name).content_type
]


@pytest.mark.recordings
@pytest.mark.parametrize("name", REFUSED)
def test_every_recorded_refusal_is_named(name: str) -> None:
    recording = recordings.load(name)
    store, _, route = recording.path.partition("/rest/")[2].partition("/")
    error = refusal(
        Answer(
            status=recording.status,
            headers=recording.headers,
            body=recording.content,
            url=f"https://shop.example{recording.path}",
            seconds=0.1,
            request_id="r1",
        ),
        resource=route.removeprefix("V1/"),
        store=store,
        asynchronous="/async/" in recording.path,
    )
    assert type(error) not in NAMELESS
    assert error.http_status == recording.status
    assert error.message


EXPECTED_OF_RECORDINGS = {
    "err_acl_orders": errors.PermissionNotTickedError,
    "err_bad_signature": errors.SignatureInvalidError,
    "err_bad_token_secret": errors.SignatureInvalidError,
    "err_hmac_sha1": errors.SignatureMethodError,
    "err_nonce_reused": failures.NonceReusedError,
    "err_short_consumer_key": errors.ConsumerKeyLengthError,
    "err_unknown_consumer_key": errors.UnknownConsumerKeyError,
    "err_unknown_token": errors.UnknownTokenError,
    "timestamp_zero": errors.ClockError,
    "sig_missing_nonce": errors.HeaderAlteredError,
    "sig_space_plus": errors.SignatureInvalidError,
    "store_old_default_code": errors.UnknownStoreCodeError,
    "async_get": failures.AsyncReadError,
    "returns": errors.ReturnsNotInEditionError,
    "err_bad_filter_field": failures.InternalError,
    "iolimit_max100_products_101": failures.PageSizeError,
    "orders_no_searchCriteria": failures.QueryDroppedError,
    "accept_csv": failures.ErrorPageError,
    "accept_xml": failures.NotJsonError,
    "head_orders": failures.MethodRefusedError,
}


@pytest.mark.recordings
@pytest.mark.parametrize(("name", "expected"), EXPECTED_OF_RECORDINGS.items())
def test_recorded_refusals_are_what_they_are(name: str, expected: type[ConnectorError]) -> None:
    recording = recordings.load(name)
    store, _, route = recording.path.partition("/rest/")[2].partition("/")
    answered = answer(recording.status, recording.content.decode(), recording.content_type)
    error = refusal(
        answered,
        resource=route.removeprefix("V1/"),
        store=store,
        asynchronous="/async/" in recording.path,
    )
    assert type(error) is expected


def test_the_tree_tells_what_is_retried() -> None:
    for module in (errors, failures):
        for name, kind in vars(module).items():
            if isinstance(kind, type) and kind.__module__ == module.__name__:
                assert issubclass(kind, ConnectorError), name
                merchant = issubclass(kind, MerchantError)
                assert merchant == (module is errors), name
    assert issubclass(failures.SlowDownError, RateLimitedError)


def test_a_decoder_is_made_once() -> None:
    assert decoder(list[str]) is decoder(list[str])
