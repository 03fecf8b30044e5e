"""searchCriteria and `fields`, with the quirks that a client must live with."""

from typing import Any

import pytest

from connectors.sandbox.magento.replies import Json, Refusal
from connectors.sandbox.magento.shop import SandboxShop
from tests.connectors.sandbox.asking import ask, body_of, criteria

SC = "searchCriteria"
ROWS: list[Json] = [
    {
        "entity_id": 1,
        "status": "complete",
        "updated_at": "2026-01-01 10:00:00",
        "grand_total": 10.5,
    },
    {"entity_id": 2, "status": "Pending", "updated_at": "2026-01-02 10:00:00", "customer_id": 7},
    {"entity_id": 3, "status": "complete", "updated_at": "2026-01-02 10:00:00", "grand_total": 99},
    {"entity_id": 4, "status": "closed", "updated_at": "2026-01-03 10:00:00", "coupon_code": "Été"},
]
PRODUCTS: list[Json] = [
    {"id": 1, "sku": "A-100%", "season": "18,20", "updated_at": "2026-01-01 00:00:00"},
    {"id": 2, "sku": "b_1", "season": "20", "updated_at": "2026-01-02 00:00:00"},
    {"id": 3, "sku": "bx1", "updated_at": "2026-01-03 00:00:00"},
]


@pytest.fixture
def shop() -> SandboxShop:
    return SandboxShop.bare(orders=ROWS, products=PRODUCTS)


def ids(body: Json) -> list[int]:
    return [row.get("entity_id", row.get("id")) for row in body["items"]]


def found(shop: SandboxShop, *filters: tuple[str, str, str], table: str = "orders") -> list[int]:
    return ids(shop.search(table, criteria(None, *filters)))


@pytest.mark.parametrize(
    ("field", "condition", "value", "expected"),
    [
        ("status", "eq", "complete", [1, 3]),
        ("status", "eq", "COMPLETE", [1, 3]),
        ("status", "neq", "complete", [2, 4]),
        ("coupon_code", "eq", "ete", [4]),
        ("coupon_code", "neq", "x", [4]),  # NULL is not unequal to anything
        ("status", "in", "closed,pending", [2, 4]),
        ("status", "nin", "closed,pending", [1, 3]),
        ("entity_id", "in", "", []),
        ("entity_id", "in", "1,3,9", [1, 3]),
        ("entity_id", "gt", "2", [3, 4]),
        ("entity_id", "gteq", "2", [2, 3, 4]),
        ("entity_id", "lt", "2abc", [1]),
        ("entity_id", "eq", "abc", []),
        ("grand_total", "lteq", "10.5", [1]),
        ("customer_id", "null", "1", [1, 3, 4]),
        ("customer_id", "notnull", "1", [2]),
        ("status", "like", "C%", [1, 3, 4]),
        ("status", "like", "c_osed", [4]),
        ("status", "nlike", "c%", [2]),
        ("status", "regexp", "^(closed|pending)$", [2, 4]),
        ("main_table.entity_id", "eq", "3", [3]),
        ("status", "after", "complete", [1, 3]),  # unknown: silently equality
        ("entity_id", "gte", "2", [2]),
    ],
)
def test_conditions_compare_as_the_database_does(
    shop: SandboxShop, field: str, condition: str, value: str, expected: list[int]
) -> None:
    assert found(shop, (field, condition, value)) == expected


@pytest.mark.parametrize(
    ("condition", "value", "expected"),
    [
        ("gteq", "2026-01-02 10:00:00", [2, 3, 4]),
        ("gt", "2026-01-02 10:00:00", [4]),
        ("gt", "2026-01-02 09:59:59.5", [2, 3, 4]),
        ("gteq", "2026-01-02T10:00:00Z", [2, 3, 4]),
        ("gteq", "2026-01-02T12:00:00+02:00", [4]),  # a zone is not read: noon is noon
        ("gteq", "2026-01-02", [2, 3, 4]),
        ("gteq", "2026-1-2 9:5:0", [2, 3, 4]),
        ("gteq", "not-a-date", [1, 2, 3, 4]),
        ("gteq", "Fri, 02 Jan 2026 10:00:00 +0000", [1, 2, 3, 4]),
        ("gteq", "01/02/2026 10:00:00", [1, 2, 3, 4]),
        ("gteq", "1767348000", [1, 2, 3, 4]),
        ("gteq", "", [1, 2, 3, 4]),
        ("lteq", "not-a-date", []),
        ("eq", "2026-01-02 10:00:00", [2, 3]),
    ],
)
def test_dates_are_compared_without_zone_and_garbage_is_the_zero_date(
    shop: SandboxShop, condition: str, value: str, expected: list[int]
) -> None:
    assert found(shop, ("updated_at", condition, value)) == expected


def test_groups_are_joined_by_and_filters_in_a_group_by_or(shop: SandboxShop) -> None:
    filters = f"{SC}[filterGroups][0][filters]"
    either = (
        f"{filters}[0][field]=entity_id&{filters}[0][value]=1"
        f"&{filters}[1][field]=status&{filters}[1][value]=closed"
    )
    assert ids(shop.search("orders", either)) == [1, 4]
    assert found(shop, ("status", "eq", "complete"), ("entity_id", "gt", "1")) == [3]


def test_from_and_to_on_one_field_are_a_range_even_in_one_group(shop: SandboxShop) -> None:
    filters = f"{SC}[filterGroups][0][filters]"
    pieces = [f"{filters}[{at}][{name}]={value}" for at, one in enumerate(
        (("from", "2026-01-02"), ("to", "2026-01-02 23:59:59"))
    ) for name, value in (("field", "updated_at"), ("conditionType", one[0]), ("value", one[1]))]  # fmt: skip
    assert ids(shop.search("orders", "&".join(pieces))) == [2, 3]


@pytest.mark.parametrize(
    "query",
    [
        "search_criteria[filter_groups][0][filters][0][field]=status"
        "&search_criteria[filter_groups][0][filters][0][condition_type]=eq"
        "&search_criteria[filter_groups][0][filters][0][value]=closed&search_criteria[page_size]=1",
        criteria(1, ("status", "eq", "closed")),
    ],
)
def test_names_may_be_spelled_in_snake_or_camel_case(shop: SandboxShop, query: str) -> None:
    wanted = {"field": "status", "value": "closed", "condition_type": "eq"}
    assert shop.search("orders", query) == {
        "items": [ROWS[3]],
        "search_criteria": {"filter_groups": [{"filters": [wanted]}], "page_size": 1},
        "total_count": 1,
    }


def test_a_filter_without_a_value_finds_nothing(shop: SandboxShop) -> None:
    query = f"{SC}[filterGroups][0][filters][0][field]=status"
    body = shop.search("orders", query)
    assert body["items"] == []
    echoed = body["search_criteria"]["filter_groups"][0]["filters"][0]
    assert echoed == {"field": "status", "value": None, "condition_type": "eq"}


def test_finset_looks_inside_a_text_with_commas(shop: SandboxShop) -> None:
    assert found(shop, ("season", "finset", "20"), table="products") == [1, 2]
    assert found(shop, ("season", "finset", "18"), table="products") == [1]
    assert found(shop, ("sku", "like", "%100\\%"), table="products") == []


def test_sorting_without_a_direction_is_descending(shop: SandboxShop) -> None:
    query = f"{SC}[sortOrders][0][field]=entity_id"
    assert ids(shop.search("orders", query)) == [4, 3, 2, 1]
    assert ids(shop.search("orders", criteria(None, updated_at="DESC", entity_id="ASC"))) == [
        4,
        2,
        3,
        1,
    ]
    assert ids(shop.search("orders", criteria(None, coupon_code="asc"))) == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("pageSize]=2", [1, 2]),
        ("pageSize]=0", [1, 2, 3, 4]),
        ("pageSize]=-1", [1]),
        ("pageSize]=-3", [1]),
        ("pageSize]=1.5", [1]),
        ("currentPage]=2", [1, 2, 3, 4]),
        ("pageSize]=100000", [1, 2, 3, 4]),
        ("pageSize]=3&searchCriteria[currentPage]=2", [4]),
        ("pageSize]=3&searchCriteria[currentPage]=0", [1, 2, 3]),
        ("pageSize]=3&searchCriteria[currentPage]=-4", [1, 2, 3]),
        ("pageSize]=3&searchCriteria[currentPage]=3", []),
    ],
)
def test_pages(shop: SandboxShop, page: str, expected: list[int]) -> None:
    body = shop.search("orders", f"{SC}[{page}")
    assert ids(body) == expected
    assert body["total_count"] == 4


def test_a_page_beyond_the_last_is_empty_or_null_or_the_last_again(shop: SandboxShop) -> None:
    beyond = f"{SC}[pageSize]=3&{SC}[currentPage]=9"
    assert shop.search("orders", beyond)["items"] == []
    assert shop.search("orders", f"{beyond}&fields=items[entity_id]") == {"items": None}
    shop.switches.repeat_last_page = True
    assert ids(shop.search("orders", beyond)) == [4]


REFUSED: dict[str, tuple[str, int, Any]] = {
    f"{SC}[pageSize]=abc": ("orders", 400, None),
    f"{SC}[bogus]=1": ("orders", 400, {"fieldName": "Bogus"}),
    f"{SC}[sortOrders][0][field]=entity_id&{SC}[sortOrders][0][direction]=UP": (
        "orders",
        400,
        ["ASC", "DESC"],
    ),
    criteria(None, ("nope", "eq", "1")): ("orders", 500, None),
    criteria(None, nope="ASC"): ("orders", 500, None),
    criteria(None, ("nope", "eq", "2")): ("products", 400, ["nope"]),
}


@pytest.mark.parametrize("query", REFUSED)
def test_what_cannot_be_read_is_refused_in_magentos_way(shop: SandboxShop, query: str) -> None:
    table, status, parameters = REFUSED[query]
    with pytest.raises(Refusal) as refused:
        shop.search(table, query)
    assert (refused.value.status, refused.value.body.get("parameters")) == (status, parameters)


def test_an_unknown_sort_of_products_is_ignored(shop: SandboxShop) -> None:
    assert ids(shop.search("products", criteria(None, nope="ASC"))) == [1, 2, 3]


def test_a_list_without_any_criteria_is_refused_and_with_empty_ones_is_everything(
    shop: SandboxShop,
) -> None:
    refused = ask(shop, "/rest/V1/orders")
    assert refused.status == 400
    assert body_of(refused)["parameters"] == {"fieldName": SC}
    for query in (f"{SC}=", f"{SC}=all"):
        assert ids(body_of(ask(shop, f"/rest/V1/orders?{query}"))) == [1, 2, 3, 4]


def test_an_input_limit_refuses_only_what_is_asked_for_above_it(shop: SandboxShop) -> None:
    shop.switches.input_limit = 3
    with pytest.raises(Refusal) as refused:
        shop.search("orders", f"{SC}[pageSize]=4")
    assert refused.value.body == {
        "message": "Maximum SearchCriteria pageSize is %max",
        "parameters": {"max": 3},
    }
    assert len(shop.search("orders", f"{SC}[pageSize]=0")["items"]) == 4
    assert len(shop.search("orders", f"{SC}=")["items"]) == 4
    shop.switches.default_page_size = 2
    assert len(shop.search("orders", f"{SC}=")["items"]) == 2


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("total_count", {"total_count": 4}),
        ("items[entity_id]", {"items": [{"entity_id": one} for one in (1, 2, 3, 4)]}),
        ("items[nope]", {"items": [[], [], [], []]}),
        ("items[status],items[entity_id]", {"items": [{"entity_id": one} for one in (1, 2, 3, 4)]}),
        (
            "search_criteria[page_size],total_count",
            {"search_criteria": {"page_size": 9}, "total_count": 4},
        ),
        ("nope", []),
        ("items[entity_id", []),
        ("items[entity-id]", []),
        ("items[entity_id]]", []),
    ],
)
def test_fields_keep_what_they_name(shop: SandboxShop, fields: str, expected: Any) -> None:
    target = f"/rest/V1/orders?{SC}%5BpageSize%5D=9&fields={fields}"
    assert body_of(ask(shop, target)) == expected


def test_a_repeated_question_is_answered_the_same_and_an_edited_row_anew(shop: SandboxShop) -> None:
    target = f"/rest/V1/orders?{criteria(1)}"
    first = ask(shop, target).body
    assert ask(shop, target).body == first
    shop.edit.change_silently("orders", 1, status="closed")
    assert body_of(ask(shop, target))["items"][0]["status"] == "closed"


def test_lists_can_be_made_to_lie(shop: SandboxShop) -> None:
    shop.switches.total_offset = 5
    assert shop.search("orders", criteria(2))["total_count"] == 9
    shop.switches.stuck_page = True
    asked = criteria(2, ("entity_id", "gt", "2"), entity_id="ASC") + f"&{SC}[currentPage]=2"
    assert ids(shop.search("orders", asked)) == [1, 2]


def test_without_a_sort_the_order_can_change_from_one_question_to_the_next() -> None:
    shop = SandboxShop.bare(orders=[{"entity_id": one, "status": "new"} for one in range(1, 60)])
    shop.switches.unsorted = True
    orders = {tuple(ids(shop.search("orders", criteria(None)))) for _ in range(5)}
    assert len(orders) > 1
    assert (
        len({tuple(ids(shop.search("orders", criteria(None, status="ASC")))) for _ in range(5)}) > 1
    )
    assert ids(shop.search("orders", criteria(None, entity_id="ASC"))) == list(range(1, 60))
