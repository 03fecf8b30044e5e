"""Every failure that can be switched on, and that each is over once it is switched off."""

import gzip
import json
from typing import Any

import pytest

from connectors.sandbox.magento.shop import SandboxShop
from tests.connectors.sandbox.asking import ask, body_of

TARGET = "/rest/V1/orders?searchCriteria="


@pytest.fixture
def shop() -> SandboxShop:
    rows = [{"entity_id": one, "status": "complete"} for one in range(1, 50)]
    return SandboxShop.bare(orders=rows)


PAGES: list[tuple[str, Any, int, bytes]] = [
    ("maintenance", True, 503, b"Service Temporarily Unavailable"),
    ("gateway_status", 502, 502, b"502 Bad Gateway"),
    ("gateway_status", 504, 504, b"504 Gateway Time-out"),
    ("error_page", True, 500, b"There has been an error processing your request"),
    ("login_wall", True, 200, b'type="password"'),
]


@pytest.mark.parametrize(("switch", "value", "status", "words"), PAGES)
def test_pages_of_html_stand_in_for_the_shop(
    shop: SandboxShop, switch: str, value: Any, status: int, words: bytes
) -> None:
    off = getattr(shop.switches, switch)
    setattr(shop.switches, switch, value)
    response = ask(shop, TARGET)
    assert response.status == status
    assert response.header("content-type").startswith("text/html")
    assert words in response.body
    setattr(shop.switches, switch, off)
    assert ask(shop, TARGET).status == 200


def test_a_redirect_keeps_path_and_query(shop: SandboxShop) -> None:
    shop.switches.redirect_to = "https://www.shop.example/"
    response = ask(shop, TARGET)
    assert (response.status, response.header("Location")) == (
        302,
        f"https://www.shop.example{TARGET}",
    )


def test_counted_refusals_run_out(shop: SandboxShop) -> None:
    shop.switches.rate_limited, shop.switches.retry_after = 2, 7
    limited = [ask(shop, TARGET) for _ in range(3)]
    assert [one.status for one in limited] == [429, 429, 200]
    assert [one.header("Retry-After") for one in limited] == ["7", "7", ""]
    shop.switches.rate_limited, shop.switches.retry_after = 1, None
    assert ask(shop, TARGET).header("Retry-After") == ""
    shop.switches.failing = 1
    assert [ask(shop, TARGET).status for _ in range(2)] == [503, 200]


def test_a_truncated_answer_looks_whole_and_is_no_json(shop: SandboxShop) -> None:
    whole = ask(shop, TARGET).body
    shop.switches.truncated = True
    response = ask(shop, TARGET)
    assert response.status == 200
    assert whole.startswith(response.body)
    with pytest.raises(json.JSONDecodeError):
        body_of(response)


def test_answers_are_compressed_for_those_who_can_read_that(shop: SandboxShop) -> None:
    plain = ask(shop, TARGET)
    packed = ask(shop, TARGET, headers={"accept-encoding": "gzip, deflate"})
    assert packed.header("Content-Encoding") == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    shop.switches.gzip = False
    assert ask(shop, TARGET, headers={"accept-encoding": "gzip"}).body == plain.body


def test_a_gzip_bomb_is_small_on_the_wire(shop: SandboxShop) -> None:
    shop.switches.gzip_bomb = True
    response = ask(shop, TARGET)
    assert response.header("Content-Encoding") == "gzip"
    assert len(response.body) < 4_000_000


@pytest.mark.parametrize(
    ("switch", "value"), [("latency", 0.5), ("drop_after", 10), ("endless", True)]
)
def test_how_an_answer_is_delivered_is_told_to_the_server(
    shop: SandboxShop, switch: str, value: Any
) -> None:
    setattr(shop.switches, switch, value)
    delivery = ask(shop, TARGET).delivery
    assert value in (delivery.delay, delivery.drop_after, delivery.endless)


def test_what_is_empty_was_a_list_in_2_1(shop: SandboxShop) -> None:
    shop.switches.empty_lists = True
    assert body_of(ask(shop, TARGET))["items"][0] == {
        "entity_id": 1,
        "status": "complete",
        "extension_attributes": [],
    }


UNREADABLE = "Specified request cannot be processed."
NO_ROUTE = "Request does not match any route."
NOT_AN_INT = (
    'The "abc" value\'s type is invalid. The "int" type was expected. Verify and try again.'
)
NO_ENTITY = "The entity that was requested doesn't exist. Verify the entity and try again."


@pytest.mark.parametrize(
    ("target", "status", "message"),
    [
        ("/rest/all//V1/store/websites", 400, UNREADABLE),
        ("/rest/all/v1/store/websites", 400, UNREADABLE),
        ("/rest", 400, UNREADABLE),
        ("/rest/nowhere/V1/orders", 400, UNREADABLE),
        ("/rest/async/V1/orders", 400, UNREADABLE),
        ("/rest/V2/orders", 404, NO_ROUTE),
        ("/rest/V1", 404, NO_ROUTE),
        ("/rest/V1/orders/abc", 400, NOT_AN_INT),
        ("/rest/V1/orders/77", 404, NO_ENTITY),
    ],
)
def test_paths_that_lead_nowhere(shop: SandboxShop, target: str, status: int, message: str) -> None:
    response = ask(shop, target)
    assert (response.status, body_of(response)) == (status, {"message": message})


@pytest.mark.parametrize(
    "target",
    [
        "/rest/V1/modules",
        "/rest/V1/modules/",
        "/index.php/rest/V1/modules",
        "/rest/all/V1/modules",
        "/rest/fr/V1/modules",
    ],
)
def test_paths_that_lead_to_the_same_place(shop: SandboxShop, target: str) -> None:
    assert ask(shop, target).status == 200


@pytest.mark.parametrize(
    ("accept", "status", "kind"),
    [
        ("", 200, "application/json"),
        ("*/*", 200, "application/json"),
        ("application/json;q=0.9", 200, "application/json"),
        ("application/xml", 200, "application/xml"),
        ("text/html", 500, "text/html"),
        ("text/csv", 500, "text/html"),
    ],
)
def test_what_a_client_accepts_decides_the_format(
    shop: SandboxShop, accept: str, status: int, kind: str
) -> None:
    response = ask(shop, "/rest/V1/store/websites", headers={"accept": accept})
    assert response.status == status
    assert response.header("Content-Type").startswith(kind)


def test_an_asynchronous_write_is_taken_and_can_be_asked_after(shop: SandboxShop) -> None:
    sent = {"content-type": "application/json"}
    accepted = ask(shop, "/rest/all/async/V1/customers", verb="POST", headers=sent, body=b"{}")
    assert accepted.status == 202
    number = body_of(accepted)["bulk_uuid"]
    status = body_of(ask(shop, f"/rest/all/V1/bulk/{number}/status"))
    assert (status["bulk_id"], status["operation_count"]) == (number, 1)
    assert ask(shop, f"/rest/all/V1/bulk/{number}/status", who="read").status == 401


def test_the_front_page_is_a_page_and_no_api(shop: SandboxShop) -> None:
    assert ask(shop, "/", who=None).header("Content-Type").startswith("text/html")
    assert ask(shop, "/nowhere", who=None).status == 404
