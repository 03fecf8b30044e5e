"""Who may ask what: Magento's checks in Magento's order, each with its own words."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from connectors.sandbox.exchange import Response
from connectors.sandbox.magento.integrations import MINIMUM, READ, presets
from connectors.sandbox.magento.shop import SandboxShop
from tests.connectors.sandbox.asking import Signing, ask, body_of

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ORDERS = "/rest/V1/orders?searchCriteria%5BpageSize%5D=1"
WRONG = dict.fromkeys(("consumer_key", "access_token", "consumer_secret"), "0" * 32)
NOT_AUTHORIZED = "The consumer isn't authorized to access %resources."


@pytest.fixture
def shop() -> SandboxShop:
    shop = SandboxShop.bare(orders=[{"entity_id": 1, "updated_at": "2026-01-01 00:00:00"}])
    shop.clock = lambda: NOW
    return shop


def said(response: Response) -> tuple[int, str]:
    return response.status, body_of(response)["message"]


def wrong(*names: str) -> Signing:
    return Signing(secrets={name: WRONG[name] for name in names})


@pytest.mark.parametrize(
    ("signing", "answer"),
    [
        (wrong("consumer_key"), (401, "A consumer having the specified key does not exist")),
        (Signing(secrets={"consumer_key": "short"}), (401, "Consumer key is not the correct length")),
        (wrong("access_token"), (401, "Specified token does not exist")),
        (wrong("consumer_secret"), (401, "The signature is invalid. Verify and try again.")),
        (Signing(method="HMAC-SHA1"), (400, "Signature method %1 is not supported")),
        (Signing(method="PLAINTEXT"), (400, "Signature method %1 is not supported")),
        (Signing(left_out="oauth_nonce"), (400, '"%fieldName" is required. Enter and try again.')),
        (
            Signing(secrets={"access_token": "short"}),
            (400, "The token length is invalid. Check the length and try again."),
        ),
        # The earlier check speaks: of two mistakes only the first one is told.
        (
            Signing(method="PLAINTEXT", secrets=WRONG),
            (400, "Signature method %1 is not supported"),
        ),
        (
            wrong("consumer_key", "access_token"),
            (401, "A consumer having the specified key does not exist"),
        ),
    ],
)  # fmt: skip
def test_each_mistake_has_magentos_words(
    shop: SandboxShop, signing: Signing, answer: tuple[int, str]
) -> None:
    assert said(ask(shop, ORDERS, signing=signing)) == answer


def test_several_missing_parameters_are_told_together(shop: SandboxShop) -> None:
    response = ask(shop, ORDERS, who=None, headers={"authorization": 'OAuth oauth_nonce="1"'})
    body = body_of(response)
    assert response.status == 400
    assert body["message"] == "One or more input exceptions have occurred."
    assert [one["parameters"]["fieldName"] for one in body["errors"]] == [
        "oauth_consumer_key",
        "oauth_signature",
        "oauth_signature_method",
        "oauth_timestamp",
        "oauth_token",
    ]


def test_a_nonce_is_spent_even_by_a_wrong_signature(shop: SandboxShop) -> None:
    once = Signing(nonce="only-once")
    spoilt = replace(once, secrets={"consumer_secret": "0" * 32})
    assert said(ask(shop, ORDERS, signing=spoilt))[1].startswith("The signature is invalid")
    assert body_of(ask(shop, ORDERS, signing=once)) == {
        "message": "The nonce is already being used by the consumer with ID %1",
        "parameters": ["1"],
    }
    assert ask(shop, ORDERS, who="read", signing=once).status == 200  # each consumer has its own


@pytest.mark.parametrize(("seconds", "status"), [(600, 200), (601, 401), (-315_360_000, 200)])
def test_only_a_timestamp_from_the_future_is_refused(
    shop: SandboxShop, seconds: int, status: int
) -> None:
    signing = Signing(timestamp=int(NOW.timestamp()) + seconds)
    response = ask(shop, ORDERS, signing=signing)
    assert response.status == status
    if status == 401:
        assert body_of(response) == {"message": "An error occurred validating the nonce"}


def test_a_shop_whose_clock_is_behind_refuses_the_present(shop: SandboxShop) -> None:
    moment = int(NOW.timestamp())
    shop.switches.clock_offset = -601
    assert ask(shop, ORDERS, signing=Signing(timestamp=moment)).status == 401
    shop.switches.clock_offset = 86_400
    assert ask(shop, ORDERS, signing=Signing(timestamp=moment)).status == 200


def test_the_route_is_looked_for_before_anybody_is_asked_who_they_are(shop: SandboxShop) -> None:
    assert said(ask(shop, "/rest/V1/nowhere", who=None)) == (
        404,
        "Request does not match any route.",
    )
    assert said(ask(shop, "/rest/xx/V1/orders", who=None))[0] == 400


@pytest.mark.parametrize("who", ["no-sales", "inactive", "nothing", None])
def test_a_missing_permission_an_inactive_integration_and_a_guest_get_the_same_answer(
    shop: SandboxShop, who: str | None
) -> None:
    response = ask(shop, ORDERS, who=who)
    assert response.status == 401
    assert body_of(response) == {
        "message": NOT_AUTHORIZED,
        "parameters": {"resources": "Magento_Sales::actions_view"},
    }


def test_a_revoked_token_is_told_apart(shop: SandboxShop) -> None:
    assert said(ask(shop, ORDERS, who="revoked")) == (401, "Access token has been revoked")


def test_modules_answer_every_active_integration(shop: SandboxShop) -> None:
    assert ask(shop, "/rest/V1/modules", who="nothing").status == 200
    assert ask(shop, "/rest/V1/modules", who="inactive").status == 401


def test_a_bearer_token_counts_only_where_it_is_switched_on(shop: SandboxShop) -> None:
    bearer = {"authorization": f"Bearer {shop.integrations['read'].access_token}"}
    assert said(ask(shop, ORDERS, who=None, headers=bearer)) == (401, NOT_AUTHORIZED)
    shop.switches.bearer_enabled = True
    assert ask(shop, ORDERS, who=None, headers=bearer).status == 200


def test_sha1_was_accepted_before_2_4_4(shop: SandboxShop) -> None:
    shop.switches.sha1_accepted = True
    assert ask(shop, ORDERS, signing=Signing(method="HMAC-SHA1")).status == 200
    assert ask(shop, ORDERS, signing=Signing(method="HMAC-SHA256")).status == 200
    shop.switches.sha256_refused = True
    assert ask(shop, ORDERS, signing=Signing(method="HMAC-SHA256")).status == 400


@pytest.mark.parametrize("switch", ["scheme_hidden", "port_dropped"])
def test_a_proxy_that_hides_the_address_spoils_right_credentials(
    shop: SandboxShop, switch: str
) -> None:
    setattr(shop.switches, switch, True)
    assert said(ask(shop, ORDERS)) == (401, "The signature is invalid. Verify and try again.")


def test_credentials_follow_from_their_source_and_show_nowhere() -> None:
    one, same, other = presets("a"), presets("a"), presets("b")
    assert one["read"] == same["read"]
    assert one["read"].access_token_secret != other["read"].access_token_secret
    secrets = {getattr(one["read"], name) for name in ("consumer_key", "consumer_secret",
               "access_token", "access_token_secret")}  # fmt: skip
    assert {len(secret) for secret in secrets} == {32}
    assert len(secrets) == 4
    assert not any(secret in repr(one["read"]) for secret in secrets - {one["read"].consumer_key})
    assert MINIMUM < READ
