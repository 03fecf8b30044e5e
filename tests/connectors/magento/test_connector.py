"""The connector as a whole over HTTP: what it asks, how often, and what it makes of refusals."""

import json
import re
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from django.template.loader import render_to_string
from django.utils.html import escape

from connectors.base import Position, Settings
from connectors.errors import AddressError, ConnectorError, PermissionMissingError
from connectors.magento import errors, failures
from connectors.magento.connector import MagentoConnector
from connectors.magento.resources import RESOURCES
from connectors.magento.storefronts import scopes_of
from tests.connectors.magento.replay import (
    JSON,
    MISSING,
    SECRETS,
    UNTIL,
    Shop,
    connected,
    pseudonym,
    pull,
)
from tests.connectors.wire import Wire, ok, serving

SIZE = {
    "attribute_id": 9,
    "attribute_code": "size",
    "frontend_input": "select",
    "options": [{"label": "S", "value": "1"}],
}


def refused(message: str, status: str = "401 Unauthorized", **parameters: str) -> list[bytes]:
    return [
        ok(json.dumps({"message": message, "parameters": parameters}).encode(), JSON, status=status)
    ]


def not_allowed(resource: str) -> list[bytes]:
    return refused("The consumer isn't authorized to access %resources.", resources=resource)


@contextmanager
def talking(answer: Any, **config: Any) -> Iterator[tuple[MagentoConnector, Wire]]:
    """A connector to a server that answers (route, head) as the test wants."""

    def script(head: bytes) -> Iterable[bytes]:
        path = urlsplit(head.split(b" ", 2)[1].decode()).path
        return answer(path.partition("/V1/")[2], head)

    with serving(script) as wire:
        settings = Settings(
            config={"url": f"http://127.0.0.1:{wire.port}", **config},
            secrets=SECRETS,
            pseudonym=pseudonym,
        )
        with MagentoConnector(settings) as connector:
            yield connector, wire


def found(body: Any) -> list[bytes]:
    return [ok(json.dumps(body).encode(), JSON)]


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits between attempts, not waited."""
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)
    return waited


def test_a_request_is_signed_in_the_header_asks_for_json_and_keeps_no_cookie() -> None:
    def answer(_route: str, _head: bytes) -> list[bytes]:
        return [ok(b'["Magento_Store"]', JSON, "Set-Cookie: PHPSESSID=abc; path=/")]

    with talking(answer) as (connector, wire):
        connector.prove()
        connector.prove()
        assert connector.modules() == ["Magento_Store"]
    assert wire.targets == ["/rest/V1/modules"] * 3
    assert wire.header("Accept") == "application/json"
    assert wire.header("Authorization").startswith("OAuth ")
    with pytest.raises(KeyError):
        wire.header("Cookie")
    signatures = [wire.header("Authorization", number) for number in range(3)]
    nonces = {re.findall('oauth_nonce="(.+?)"', one)[0] for one in signatures}
    assert len(nonces) == 3
    assert SECRETS["consumer_secret"] not in str(wire.requests)
    assert SECRETS["access_token_secret"] not in str(wire.requests)


def test_the_store_code_is_in_the_path_and_async_is_read_through_v1() -> None:
    shop = Shop()
    shop.set("modules", [])
    with connected(shop, stores=("fr",)) as (connector, wire):
        connector.prove()
    assert wire.targets == ["/rest/fr/V1/modules"]
    with talking(lambda _route, _head: found([]), type="async/V1") as (connector, wire):
        connector.prove()
    assert wire.targets == ["/rest/V1/modules"]


def test_a_visitor_is_told_that_the_integration_is_not_active() -> None:
    """An inactive integration gives the body of a missing permission, also for what is always granted."""
    with talking(lambda _route, _head: not_allowed("Magento_Backend::admin")) as (connector, wire):
        with pytest.raises(errors.InactiveIntegrationError):
            connector.prove()
        probes = [connector.probe(resource) for resource in RESOURCES]
    assert {type(probe.error) for probe in probes} == {errors.InactiveIntegrationError}
    # /modules is asked by prove, by its own probe, and once for all the others.
    assert wire.targets.count("/rest/V1/modules") == 3


def test_a_missing_permission_names_the_box_to_tick_and_the_others_still_answer() -> None:
    def answer(route: str, _head: bytes) -> list[bytes]:
        if route == "orders":
            return not_allowed("Magento_Sales::actions_view")
        if route.startswith("returns"):
            return refused(MISSING["message"], "404 Not Found")
        if route.startswith("stockItems/"):
            return refused("The Product with the SKU doesn't exist.", "404 Not Found")
        if route in {"modules", "store/storeConfigs"}:
            return found([1, 2])
        if route == "creditmemos":
            return found({"items": [{"entity_id": 7}], "total_count": 3})
        return found({"total_count": 5, "entity_id": 7})

    with talking(answer) as (connector, wire):
        probes = {resource.name: connector.probe(resource) for resource in RESOURCES}
    refused_one = probes["orders"]
    assert isinstance(refused_one.error, PermissionMissingError)
    assert refused_one.http_status == 401
    assert refused_one.error.params == {
        "permission": "Magento_Sales::actions_view",
        "path": "Sales > Operations > Orders > Actions > View",
        "resource": "orders",
    }
    assert "Sales > Operations > Orders > Actions > View" in refused_one.error.message
    returns = {name for name in probes if name.startswith("returns")}
    assert {name: type(probes[name].error) for name in returns} == {
        "returns": errors.ReturnsNotInEditionError,
        "returnsAttributeMetadata": errors.ReturnsNotInEditionError,
        "returnsItemAttributeMetadata": errors.RouteUnknownError,  # of no edition known
    }
    counts = {
        name: probe.count for name, probe in probes.items() if name not in {"orders", *returns}
    }
    assert [probes[name].error for name in counts] == [None] * len(counts)
    assert counts == {
        "modules": None,
        "products": 5,
        "attributes": 5,
        "categories": 5,
        "creditmemos": 3,
        "creditmemo": 1,
        "stockItems": None,
        "store": 2,
        "inventory": 5,
        "customers": 5,
    }
    # Counting needs no record, and no SKU of the shop stands in a path.
    counting = [unquote(one) for one in wire.targets if "/V1/customers" in one]
    assert counting == [
        "/rest/V1/customers/search?searchCriteria[pageSize]=1&searchCriteria[currentPage]=1"
        "&fields=total_count"
    ]


def test_every_store_view_of_a_product_probe_is_asked() -> None:
    def answer(_route: str, head: bytes) -> list[bytes]:
        if b"/rest/old/" in head:
            return refused("Specified request cannot be processed.", "400 Bad Request")
        return found({"total_count": 5})

    stores = [{"base": "", "store": "fr"}, {"base": "", "store": "old"}]
    with serving(lambda head: answer("", head)) as wire:
        for one in stores:
            one["base"] = f"http://127.0.0.1:{wire.port}"
        settings = Settings(config={"stores": stores}, secrets=SECRETS, pseudonym=pseudonym)
        with MagentoConnector(settings) as connector:
            products, orders = connector.resource("products"), connector.resource("orders")
            assert connector.scopes(products) == ["fr", "old"]
            assert connector.scopes(orders) == [""]
            error = connector.probe(products).error
            assert type(error) is errors.UnknownStoreCodeError
            assert error.params == {"store": "old"}
            assert connector.probe(orders).error is None


def order(number: int, second: int) -> dict[str, Any]:
    return {
        "entity_id": number,
        "updated_at": f"2026-01-01 00:00:{second:02}",
        "created_at": "2026-01-01 00:00:00",
        "store_id": 1,
        "items": [{"item_id": number * 10, "sku": "A", "product_id": 1, "product_type": "simple"}],
    }


def test_a_pull_asks_only_for_what_it_keeps_and_reads_labels_once() -> None:
    shop = Shop()
    shop.set("store/storeConfigs", [{"id": 1, "code": "fr"}])
    shop.listing("products/attributes", [SIZE])
    shop.listing("orders", [order(1, 1), order(2, 2)])
    with connected(shop, attributes={"size": "size"}) as (connector, wire):
        (page,) = pull(connector, "orders")
        pull(connector, "orders")
    assert [row["order_id"] for row in page.rows] == ["1", "2"]
    assert (page.fetched, page.remaining) == (2, 2)
    assert page.position == Position(datetime(2026, 1, 1, 0, 0, 2, tzinfo=UTC), 2)
    asked = unquote(wire.targets[0])
    assert "searchCriteria[filterGroups][0][filters][0][field]=updated_at" in asked
    assert "fields=items[entity_id,updated_at," in asked
    personal = ("firstname", "lastname", "street", "telephone", "remote_ip", "payment", "postcode")
    assert [one for one in personal if one in asked] == []
    assert sum("/orders?" in one for one in wire.targets) == 2
    assert sum("/store/storeConfigs" in one for one in wire.targets) == 1


def test_nothing_new_costs_one_request() -> None:
    shop = Shop()
    shop.set("orders", {"items": None, "total_count": 0})
    with connected(shop) as (connector, wire):
        assert pull(connector, "orders") == []
    assert len(wire.targets) == 1


def test_a_shop_that_limits_its_pages_is_asked_for_fewer_rows() -> None:
    def answer(route: str, head: bytes) -> list[bytes]:
        if route == "orders" and b"%5BpageSize%5D=100&" not in head:
            body = {
                "message": "Maximum SearchCriteria pageSize is %max",
                "parameters": {"max": 100},
            }
            return [ok(json.dumps(body).encode(), JSON, status="400 Bad Request")]
        if route == "orders":
            return found({"items": [order(1, 1)], "total_count": 1})
        return found([] if route == "store/storeConfigs" else {"items": [], "total_count": 0})

    with talking(answer) as (connector, wire):
        assert [page.fetched for page in pull(connector, "orders")] == [1]
    sizes = [re.findall("pageSize%5D=([0-9]+)", one)[0] for one in wire.targets if "/orders" in one]
    assert sizes == ["300", "100"]


@pytest.mark.parametrize(
    ("first", "waits"),
    [
        (refused("The nonce is already being used by the consumer with ID %1"), [0.5]),
        ([ok(b"<html></html>", "Content-Type: text/html", status="502 Bad Gateway")], [0.5]),
        (
            [
                ok(
                    b"<html></html>",
                    "Content-Type: text/html",
                    "Retry-After: 3",
                    status="503 Service Unavailable",
                )
            ],
            [3.0],
        ),
    ],
)
def test_what_passes_within_seconds_is_asked_again_with_a_new_nonce(
    first: list[bytes], waits: list[float], pauses: list[float]
) -> None:
    answers = [first, found(["Magento_Store"])]
    with talking(lambda _route, _head: answers.pop(0)) as (connector, wire):
        assert connector.modules() == ["Magento_Store"]
    assert pauses == waits
    assert wire.header("Authorization", 0) != wire.header("Authorization", 1)


@pytest.mark.parametrize(
    ("answer", "expected", "asked"),
    [
        (refused("Internal Error. Report ID: webapi-6b0", "500 Oops"), failures.InternalError, 1),
        (refused("The signature is invalid."), errors.SignatureInvalidError, 1),
        (
            [ok(b"", "Retry-After: 60", status="429 Too Many Requests")],
            failures.SlowDownError,
            1,
        ),
        (
            [ok(b"<html></html>", "Content-Type: text/html", status="502 Bad Gateway")],
            failures.GatewayError,
            3,
        ),
    ],
)
def test_attempts_are_bounded_and_what_does_not_pass_is_not_repeated(
    answer: list[bytes], expected: type[ConnectorError], asked: int, pauses: list[float]
) -> None:
    with (
        talking(lambda _route, _head: answer) as (connector, wire),
        pytest.raises(expected),
    ):
        connector.prove()
    assert len(wire.targets) == asked
    assert len(pauses) == asked - 1


def test_another_shape_than_expected_is_named_without_its_values() -> None:
    body = {"items": [{"entity_id": {"a": "secret-value"}}], "total_count": 1}
    with (
        talking(lambda _route, _head: found(body)) as (connector, _wire),
        pytest.raises(failures.UnknownShapeError) as refusal,
    ):
        pull(connector, "orders")
    assert "$.items[0].entity_id" in refusal.value.detail
    assert "secret-value" not in f"{refusal.value.detail}{refusal.value.message}"


@pytest.mark.parametrize("body", [{"ok": True}, [], {"items": []}, "Magento", None, 7])
def test_json_of_something_else_is_not_taken_for_an_empty_shop(body: Any) -> None:
    with talking(lambda _route, _head: found(body)) as (connector, _wire):
        probe = connector.probe(connector.resource("orders"))
        with pytest.raises(failures.UnknownShapeError):
            pull(connector, "orders")
    assert type(probe.error) is failures.UnknownShapeError


def test_json_without_its_content_type_is_read_all_the_same() -> None:
    plain = [ok(b'{"items":[],"total_count":0}', "Content-Type: text/plain")]
    with talking(lambda _route, _head: plain) as (connector, _wire):
        assert pull(connector, "orders") == []


def test_products_are_pulled_without_the_permissions_that_are_only_recommended() -> None:
    def answer(route: str, _head: bytes) -> list[bytes]:
        if route in {"categories", "store/storeConfigs"}:
            return not_allowed("Magento_Catalog::categories")
        if route == "products/attributes":
            return found({"items": [SIZE], "total_count": 1})
        product = {
            "id": 1,
            "sku": "A",
            "updated_at": "2026-01-01 00:00:00",
            "visibility": 4,
            "status": 1,
            "type_id": "simple",
            "custom_attributes": [
                {"attribute_code": "url_key", "value": "a"},
                {"attribute_code": "size", "value": "1"},
            ],
        }
        return found({"items": [product], "total_count": 1})

    with talking(answer) as (connector, wire):
        (page,) = pull(connector, "products")
    row = page.rows[0]
    assert (row["size_label"], row["category"], row["currency"]) == ("S", None, None)
    assert row["url"] == f"http://127.0.0.1:{wire.port}/a.html"


def test_products_are_not_pulled_without_the_labels_of_their_sizes() -> None:
    def answer(route: str, _head: bytes) -> list[bytes]:
        if route == "products/attributes":
            return not_allowed("Magento_Catalog::attributes_attributes")
        return found({"items": [{"id": 1, "updated_at": "2026-01-01 00:00:00"}], "total_count": 1})

    with talking(answer) as (connector, _wire), pytest.raises(PermissionMissingError) as missing:
        pull(connector, "products")
    assert missing.value.params["path"] == "Stores > Attributes > Product"


def test_options_that_the_list_leaves_out_are_read_one_attribute_at_a_time() -> None:
    shop = Shop()
    shop.listing("products/attributes", [{**SIZE, "options": []}])
    shop.set("products/attributes/size", SIZE)
    shop.set("store/storeConfigs", [])
    dress = {
        "id": 2,
        "sku": "D-S",
        "type_id": "simple",
        "updated_at": "2026-01-01 00:00:00",
        "custom_attributes": [{"attribute_code": "size", "value": "1"}],
    }
    shop.listing("products", [dress])
    with connected(shop, attributes={"size": "size"}) as (connector, wire):
        (page,) = pull(connector, "products")
    assert [row["size_label"] for row in page.rows] == ["S"]
    assert sum(one.endswith("/products/attributes/size") for one in wire.targets) == 1


def test_attribute_codes_are_proposed_from_the_shops_own() -> None:
    shop = Shop()
    attributes = [{**SIZE, "attribute_code": code} for code in ("taille", "material_group")]
    numbered = [{**one, "attribute_id": at} for at, one in enumerate(attributes)]
    shop.listing("products/attributes", numbered)
    shop.listing("products", [])
    with connected(shop) as (connector, wire):
        assert connector.offer().proposed["size"] == ["taille"]
    asked = unquote(wire.targets[0])
    assert "[field]=is_user_defined" in asked
    assert "options" not in asked


def test_scopes_are_store_codes_and_hosts_tell_apart_those_without() -> None:
    config = {
        "stores": [
            {"base": "https://fr.example", "store": ""},
            {"base": "https://de.example", "store": ""},
            {"base": "https://de.example", "store": "de"},
        ]
    }
    assert list(scopes_of(config)) == ["", "de.example", "de"]
    assert list(scopes_of({"url": "https://fr.example/rest/it/V1"})) == ["it"]
    with pytest.raises(AddressError):
        scopes_of({})


def test_a_resource_that_is_not_pulled_says_so() -> None:
    with connected(Shop()) as (connector, _wire), pytest.raises(ValueError, match="not pulled"):
        next(connector.pages(connector.resource("store"), since=None, until=UNTIL))


def test_the_guide_names_every_box_to_tick_once_and_the_recommended_ones_as_such() -> None:
    page = render_to_string(MagentoConnector.guide, {"resources": RESOURCES})
    boxes = [resource.permission for resource in RESOURCES if resource.permission]
    assert len({box.id for box in boxes}) == 11
    for box in boxes:
        assert page.count(f"<code>{box.id}</code>") == 1
        assert escape(str(box.path)) in page
    needed = {one.permission.id for one in RESOURCES if one.required and one.permission}
    assert page.count("(recommended)") == 11 - len(needed)
    assert "Magento_Rma::rma<" not in page


def test_a_secret_shows_in_no_repr() -> None:
    with connected(Shop()) as (connector, _wire):
        shown = f"{connector!r}{connector.settings!r}{vars(connector)!r}"
    assert [value for value in SECRETS.values() if value in shown] == []


def test_a_shop_without_categories_and_store_views_is_pulled_all_the_same() -> None:
    shop = Shop()
    shop.listing("products/attributes", [SIZE])
    hat = {"id": 3, "sku": "H", "type_id": "simple", "updated_at": "2026-01-01 00:00:00"}
    extension = {"category_links": [{"category_id": "5"}]}
    shop.listing("products", [{**hat, "extension_attributes": extension}])
    with connected(shop, attributes={"size": "size"}) as (connector, _wire):
        (page,) = pull(connector, "products")
    assert [(row["sku"], row["category"], row["currency"]) for row in page.rows] == [
        ("H", None, None)
    ]
