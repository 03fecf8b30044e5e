"""Log-in, token and every refusal of a WSHOP, over a real connection to the simulated one."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from connectors.base import Probe
from connectors.errors import (
    AddressError,
    ConnectorError,
    CredentialsError,
    PermissionMissingError,
    RateLimitedError,
    ShopDownError,
    UnexpectedAnswerError,
)
from connectors.sandbox.wshop.shop import WshopSandbox
from connectors.wshop import errors
from connectors.wshop.connector import WshopConnector
from kleep_portal import redaction
from tests.connectors.wshop.shops import connected, rows

EMAIL = "api@maison-demo.example"


@pytest.fixture
def shop() -> WshopSandbox:
    return WshopSandbox()


def _probe(connector: WshopConnector, name: str) -> Probe:
    return connector.probe(connector.resource(name))


def _refused(shop: WshopSandbox, name: str = "orders", **kwargs: str) -> ConnectorError:
    with connected(shop, **kwargs) as connector:  # type: ignore[arg-type]  # a password
        error = _probe(connector, name).error
    assert error is not None
    return error


def _paths(shop: WshopSandbox) -> list[str]:
    return [asked.path for asked in shop.log]


def test_every_resource_is_ready_with_its_count(shop: WshopSandbox) -> None:
    with connected(shop) as connector:
        probes = {r.name: connector.probe(r) for r in connector.resources}
    assert {name: probe.error for name, probe in probes.items()} == dict.fromkeys(probes)
    assert {name: probe.count for name, probe in probes.items()} == {
        "authenticate": None,
        "products": 16,
        "sizes": 11,
        "departments": 4,
        "attributes": 5,
        "orders": 400,
        "returns": 50,
        "return_reasons": 4,
    }


def test_one_log_in_serves_all_threads(shop: WshopSandbox) -> None:
    with connected(shop) as connector, ThreadPoolExecutor(8) as pool:
        probes = list(pool.map(connector.probe, connector.resources))
    assert [probe.error for probe in probes] == [None] * 8
    assert _paths(shop).count("authenticate") == 1


def test_the_spelling_of_kleeps_guide_works_too(shop: WshopSandbox) -> None:
    shop.switches.login_path = "authentificate"
    with connected(shop) as connector:
        connector.prove()
    assert _paths(shop) == ["authentificate"]


@pytest.mark.parametrize("plain_status", [True, False], ids=["status", "200"])
def test_an_expired_token_is_renewed_once_and_the_question_asked_again(plain_status: bool) -> None:
    clock = [datetime(2026, 6, 1, tzinfo=UTC)]
    shop = WshopSandbox(now=lambda: clock[0])
    shop.switches.plain_status = plain_status
    with connected(shop) as connector:
        assert _probe(connector, "sizes").count == 11
        clock[0] += timedelta(hours=2)
        assert _probe(connector, "sizes").count == 11
    assert _paths(shop) == ["authenticate", "sizes/get", "authenticate", "sizes/get"]


def test_a_token_that_expires_in_the_middle_of_a_pull_loses_nothing() -> None:
    clock = [datetime(2026, 6, 1, tzinfo=UTC)]
    shop = WshopSandbox(now=lambda: clock[0])
    shop.switches.token_seconds = 1

    def a_while_passes(_asked: object) -> None:
        clock[0] += timedelta(seconds=2)

    shop.before_answer = a_while_passes
    with connected(shop) as connector:
        found = rows(connector, "orders")
    assert len({row["order_id"] for row in found}) == 400


def test_a_token_that_is_never_accepted_is_the_profiles_affair(shop: WshopSandbox) -> None:
    shop.switches.token_seconds = -1
    error = _refused(shop)
    assert isinstance(error, errors.ProfileError)
    assert _paths(shop) == ["authenticate", "authenticate"]


@pytest.mark.parametrize("plain_status", [True, False], ids=["status", "200"])
def test_a_wrong_password_is_tried_once_for_all_resources(
    shop: WshopSandbox, plain_status: bool
) -> None:
    shop.switches.plain_status = plain_status
    with connected(shop, password="not this one") as connector, ThreadPoolExecutor(8) as pool:
        probes = list(pool.map(connector.probe, connector.resources))
    assert {type(probe.error) for probe in probes} == {errors.WrongPasswordError}
    assert {probe.error.check_status for probe in probes if probe.error} == {"credentials"}
    assert _paths(shop) == ["authenticate"]
    assert shop.users[0].wrong_attempts == 1
    assert not shop.users[0].locked


@pytest.mark.parametrize("plain_status", [True, False], ids=["status", "200"])
def test_what_the_merchant_must_change_has_its_own_sentence(
    shop: WshopSandbox, plain_status: bool
) -> None:
    shop.switches.plain_status = plain_status
    user = shop.users[0]

    user.locked = True
    error = _refused(shop)
    assert isinstance(error, errors.AccountLockedError)
    assert "locked" in error.message

    user.locked, user.api_access = False, False
    error = _refused(shop)
    assert isinstance(error, errors.NoApiAccessError)
    assert error.check_status == "missing_permission"
    assert "Allow API access for it in Back Office > Users." in error.message

    user.api_access = True
    user.profile.remove("returns/get")
    error = _refused(shop, "returns")
    assert isinstance(error, errors.ProfileError)
    assert error.params == {"permission": "returns/get"}
    assert "The profile of the API user does not allow returns/get." in error.message
    with connected(shop) as connector:
        assert _probe(connector, "orders").error is None

    shop.switches.unknown.add("returns/getreasons")
    error = _refused(shop, "return_reasons")
    assert isinstance(error, errors.UnknownEndpointError)
    assert error.check_status == "not_available"
    assert "does not have returns/getreasons" in error.message


def test_a_permission_that_is_granted_while_we_read_needs_no_new_connector(
    shop: WshopSandbox,
) -> None:
    shop.users[0].profile.remove("orders/get")
    with connected(shop) as connector:
        assert isinstance(_probe(connector, "orders").error, errors.ProfileError)
        shop.users[0].profile.add("orders/get")
        assert _probe(connector, "orders").count == 400


def test_labels_that_may_not_be_read_stop_the_pull_of_what_needs_them(shop: WshopSandbox) -> None:
    shop.users[0].profile.remove("sizes/get")
    with connected(shop) as connector:
        with pytest.raises(errors.ProfileError) as refused:
            rows(connector, "products")
        assert refused.value.params == {"permission": "sizes/get"}
        assert len(rows(connector, "orders")) > 400


def test_labels_that_this_version_does_not_have_stay_blank(shop: WshopSandbox) -> None:
    shop.switches.unknown.add("returns/getreasons")
    with connected(shop) as connector:
        found = rows(connector, "returns")
    assert len(found) == 50
    assert {row["reason_label"] for row in found} == {None}
    assert {row["reason_code"] for row in found} == {"1", "2", "3", "4"}


def _switch(shop: WshopSandbox, **changes: object) -> WshopSandbox:
    for name, value in changes.items():
        setattr(shop.switches, name, value)
    return shop


@pytest.mark.parametrize(
    ("switches", "kind", "parent"),
    [
        ({"maintenance": True}, errors.MaintenanceError, ShopDownError),
        ({"fail": True}, errors.ShopFailedError, ShopDownError),
        ({"page": "Log in to the Back Office"}, errors.WebPageError, AddressError),
        ({"page": "Page not found", "page_status": 404}, errors.WebPageError, AddressError),
        ({"page": "Access denied", "page_status": 403}, errors.WebPageError, AddressError),
        ({"page": "Under maintenance"}, errors.MaintenanceError, ShopDownError),
        ({"page": "Bad gateway", "page_status": 502}, errors.ShopFailedError, ShopDownError),
        ({"without_success": True}, errors.NotWshopError, AddressError),
        ({"broken_json": True}, errors.NotWshopError, AddressError),
    ],
)
def test_what_answers_in_the_place_of_wshop_is_recognised(
    shop: WshopSandbox, switches: dict[str, object], kind: type, parent: type
) -> None:
    error = _refused(_switch(shop, **switches), "orders")
    assert type(error) is kind
    assert isinstance(error, parent)


def test_the_page_that_came_instead_is_named_by_its_title(shop: WshopSandbox) -> None:
    error = _refused(_switch(shop, page="Log in to the Back Office"))
    assert "“Log in to the Back Office”" in error.message


@pytest.mark.parametrize(
    ("switches", "kind"),
    [
        ({"without_success": True}, errors.MalformedAnswerError),
        ({"broken_json": True}, errors.MalformedAnswerError),
        ({"page": "Oops"}, errors.WebPageError),
        ({"page": "Not found", "page_status": 404}, errors.UnknownEndpointError),
        ({"fail": True}, errors.ShopFailedError),
    ],
)
def test_a_shop_that_breaks_after_the_log_in_is_recognised_too(
    shop: WshopSandbox, switches: dict[str, object], kind: type
) -> None:
    with connected(shop) as connector:
        connector.prove()
        _switch(shop, **switches)
        probe = _probe(connector, "orders")
    assert type(probe.error) is kind


def test_a_moment_of_too_many_requests_is_waited_for(shop: WshopSandbox) -> None:
    with connected(shop) as connector:
        connector.prove()
        shop.switches.rate_limited = 1
        assert _probe(connector, "sizes").count == 11
        shop.switches.rate_limited = 99
        error = _probe(connector, "sizes").error
    assert isinstance(error, RateLimitedError)
    assert error.http_status == 429


def test_a_reason_that_nobody_knows_is_told_to_staff_without_personal_data() -> None:
    shop = WshopSandbox()
    shop.refusal = "Quota of jane.doe@shop.example is spent, see eyJhbGciOi.eyJzdWIiOi.c2lnbmF0"
    with connected(shop) as connector:
        error = _probe(connector, "orders").error
    assert isinstance(error, errors.RefusedError)
    assert isinstance(error, UnexpectedAnswerError)
    assert "Quota of [e-mail] is spent, see [token]" in error.detail
    assert "Quota" not in error.message


def test_french_words_are_understood_where_the_status_says_nothing() -> None:
    said: dict[str, type[ConnectorError]] = {
        "Votre profil n’a pas les droits nécessaires": PermissionMissingError,
        "Compte bloqué": CredentialsError,
        "Trop de requêtes": RateLimitedError,
        "Site en maintenance": ShopDownError,
    }
    for words, kind in said.items():
        shop = WshopSandbox()
        shop.refusal = words
        with connected(shop) as connector:
            error = _probe(connector, "orders").error
        assert isinstance(error, kind), words


def test_neither_password_nor_token_shows_anywhere(shop: WshopSandbox) -> None:
    user = shop.users[0]
    with connected(shop) as connector:
        connector.prove()
        token = connector._client._token
        shown = (
            repr(connector) + repr(connector.settings) + repr(connector._client) + repr(shop.users)
        )
    assert token.count(".") == 2
    for secret in (user.password, token):
        assert secret not in shown
    assert redaction.scrub(f"it is {token}.") == "it is [secret]."
