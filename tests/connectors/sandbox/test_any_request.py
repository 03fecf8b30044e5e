"""Whatever is asked, the shop answers: no request makes it fall over."""

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.sandbox.exchange import Request
from connectors.sandbox.magento import conditions
from connectors.sandbox.magento.shop import SandboxShop
from tests.connectors.sandbox.asking import HOST, ask

SHOP = SandboxShop(seed=2, orders=6, styles=2)
ANYTHING = st.text(
    alphabet=st.characters(max_codepoint=255, exclude_characters="\r\n "), max_size=30
)
NAMES = st.sampled_from(
    [
        "searchCriteria",
        "searchCriteria[pageSize]",
        "searchCriteria[currentPage]",
        "searchCriteria[sortOrders][0][field]",
        "searchCriteria[sortOrders][0][direction]",
        "searchCriteria[filterGroups][0][filters][0][field]",
        "searchCriteria[filterGroups][0][filters][0][value]",
        "searchCriteria[filterGroups][0][filters][0][conditionType]",
        "searchCriteria[filterGroups]",
        "fields",
    ]
)
VALUES = ANYTHING | st.sampled_from(
    [
        *conditions._COMPARISONS,
        "entity_id",
        "updated_at",
        "sku",
        "1e999",
        "²",
        "-5",
        "(",
        "items[",
        "[]",
    ]
)
PATHS = st.sampled_from(
    [
        "orders",
        "products",
        "customers/search",
        "orders/items",
        "inventory/sources",
        "orders/²",
        "orders/--1",
    ]
)


@settings(max_examples=600, deadline=None)
@given(path=PATHS | ANYTHING, pairs=st.lists(st.tuples(NAMES | ANYTHING, VALUES), max_size=6))
def test_every_target_has_an_answer(path: str, pairs: list[tuple[str, str]]) -> None:
    query = "&".join(f"{name}={value}" for name, value in pairs)
    target = f"/rest/V1/{path}?{query}"
    SHOP.switches.bearer_enabled = True
    bearer = f"Bearer {SHOP.integrations['full'].access_token}"
    for headers in ({"authorization": bearer}, {}):
        response = SHOP.answer(Request("GET", target, {"host": HOST, **headers}))
        assert response.status in (200, 400, 401, 404, 500)


@settings(max_examples=300, deadline=None)
@given(header=ANYTHING | ANYTHING.map("OAuth oauth_timestamp={0}, oauth_nonce={0}".format))
def test_every_authorization_has_an_answer(header: str) -> None:
    headers = {"authorization": header}
    response = ask(SHOP, "/rest/V1/orders?searchCriteria=", who=None, headers=headers)
    assert response.status in (400, 401)
