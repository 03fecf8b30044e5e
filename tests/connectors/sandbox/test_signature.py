"""The shop's side of OAuth: what each generation of Magento accepts from a client that signs strictly."""

import pytest

from connectors.sandbox.magento import signature
from connectors.sandbox.magento.shop import SandboxShop
from connectors.sandbox.magento.switches import Signing as Generation
from tests.connectors.sandbox.asking import HOST, Signing, ask, body_of

OLD, FIXED, NEW = Generation.UP_TO_2_4_7, Generation.PATH_FIXED, Generation.REWRITTEN
EVERY = {OLD, FIXED, NEW}
LIST = "/rest/V1/orders?searchCriteria%5BpageSize%5D=1"
VALUE = LIST + "&searchCriteria%5BfilterGroups%5D%5B0%5D%5Bfilters%5D%5B0%5D%5Bvalue%5D="


def groups(count: int) -> str:
    name = "searchCriteria%5BfilterGroups%5D%5B{}%5D%5Bfilters%5D%5B0%5D%5B{}%5D={}"
    pieces = [
        name.format(at, *pair)
        for at in range(count)
        for pair in (("field", "entity_id"), ("value", at))
    ]
    return f"/rest/V1/orders?{'&'.join(pieces)}"


# What is sent, and the generations that accept its signature.
SENT = {
    "no query": ("/rest/V1/modules", EVERY),
    "brackets encoded": (LIST, EVERY),
    "brackets raw": (LIST.replace("%5B", "[").replace("%5D", "]"), EVERY),
    "hex in lower case": (LIST.replace("%5B", "%5b"), EVERY),
    "a blank as %20": (f"{VALUE}2026-01-01%2000%3A00%3A00", EVERY),
    "a colon raw": (f"{VALUE}2026-01-01%2000:00:00", EVERY),
    "a blank as + in an array": (f"{VALUE}2026-01-01+00%3A00%3A00", set()),
    "a blank as + at the top": (f"{LIST}&fields=a+b", {NEW}),
    "letters with accents": (f"{VALUE}%C3%89tole", EVERY),
    "a tilde and a star": (f"{VALUE}a~b*c", EVERY),
    "a percent sign": (f"{VALUE}50%25", EVERY),
    "an encoded equals sign": (f"{VALUE}a%3Db", EVERY),
    "a raw equals sign": (f"{VALUE}a=b", set()),
    "an empty value": ("/rest/V1/orders?searchCriteria=", EVERY),
    "a name without value": ("/rest/V1/orders?searchCriteria", {NEW}),
    "an ampersand at the end": (f"{LIST}&", EVERY),
    "a name twice": (f"{LIST}&x=1&x=2", set()),
    "an index of 9": (groups(10), EVERY),
    "an index of 10": (groups(11), set()),
    "an encoded slash in the path": ("/rest/V1/products/MAILLE%2F01", {FIXED, NEW}),
    "an encoded plus in the path": ("/rest/V1/products/GALON%2B01", {FIXED, NEW}),
    "an encoded colon in the path": ("/rest/V1/products/a%3Ab", {FIXED, NEW}),
    "an encoded ampersand in the path": ("/rest/V1/products/a%26b", {FIXED, NEW}),
    "a blank in the path": ("/rest/V1/products/CABAS%20LIN%2001", EVERY),
    "a percent sign in the path": ("/rest/V1/products/FEUTRE-100%25", EVERY),
    "an accent in the path": ("/rest/V1/products/%C3%89TOLE-01", EVERY),
    "an accent in lower-case hex in the path": ("/rest/V1/products/%c3%89TOLE-01", {NEW}),
    "parentheses in the path": ("/rest/V1/products/a%28b%29", EVERY),
    "a raw plus in the path": ("/rest/V1/products/GALON+01", EVERY),
}  # fmt: skip
INVALID = {"message": "The signature is invalid. Verify and try again."}


@pytest.fixture(scope="module")
def shop() -> SandboxShop:
    return SandboxShop(orders=20, styles=2)


@pytest.mark.parametrize("generation", Generation)
@pytest.mark.parametrize("case", SENT)
def test_each_generation_accepts_what_it_puts_together_as_the_client_does(
    shop: SandboxShop, case: str, generation: Generation
) -> None:
    target, accepting = SENT[case]
    shop.switches.signing = generation
    response = ask(shop, target)
    is_refused = response.status == 401 and body_of(response) == INVALID
    assert is_refused is (generation not in accepting)


@pytest.mark.parametrize(
    ("sent", "signed"),
    [
        ("/rest/V1/products/MAILLE%2F01", "/rest/V1/products/MAILLE/01"),
        ("/rest/V1/products/GALON%2B01", "/rest/V1/products/GALON+01"),
    ],
)
def test_up_to_2_4_7_a_reserved_character_in_a_path_must_be_signed_decoded(
    shop: SandboxShop, sent: str, signed: str
) -> None:
    shop.switches.signing = OLD
    response = ask(shop, sent, signing=Signing(signed_target=signed))
    assert response.status == 200
    assert body_of(response)["sku"] in ("MAILLE/01", "GALON+01")


def test_names_in_natural_order_pass_where_those_in_byte_order_do_not(shop: SandboxShop) -> None:
    shop.switches.signing = OLD
    assert ask(shop, groups(12)).status == 401
    assert ask(shop, groups(12), signing=Signing(is_natural_order=True)).status == 200


@pytest.mark.parametrize(("generation", "accepted"), [(OLD, True), (FIXED, True), (NEW, False)])
def test_the_newest_release_keeps_an_explicit_default_port(
    generation: Generation, accepted: bool
) -> None:
    shop = SandboxShop.bare()
    shop.switches.signing = generation
    response = ask(
        shop,
        "/rest/V1/modules",
        signing=Signing(origin="https://shop.example"),
        headers={"host": "shop.example:443", "x-forwarded-proto": "https"},
    )
    assert (response.status == 200) is accepted


@pytest.mark.parametrize(
    "ordered",
    [["a2", "a10"], ["a", "a1"], ["x1y2", "x1y10"], ["B", "a"], ["a1", "b"], ["a01", "a1"]],
)
def test_numbers_in_names_are_sorted_by_their_value(ordered: list[str]) -> None:
    first, second = ordered
    assert signature.natural_order(first, second) == -1
    assert signature.natural_order(second, first) == 1
    assert signature.natural_order(first, first) == 0


def test_a_base_string_is_verb_address_and_sorted_parameters() -> None:
    base = signature.base_string(
        "get",
        origin=f"http://{HOST}",
        target="/rest/V1/orders?b=2%203&a=1",
        oauth={"oauth_nonce": "n", "oauth_signature": "left out"},
        generation=OLD,
    )
    assert base == (
        "GET&http%3A%2F%2F127.0.0.1%3A8043%2Frest%2FV1%2Forders&a%3D1%26b%3D2%25203%26oauth_nonce%3Dn"
    )


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ('OAuth oauth_a="1", oauth_b="x%2Fy"', {"oauth_a": "1", "oauth_b": "x/y"}),
        ('oauth realm="shop", oauth_a="1"', {"oauth_a": "1"}),
        ('Basic dTpw, OAuth oauth_a="1"', {"oauth_a": "1"}),
        ("Basic dTpw", {}),
        ("", {}),
    ],
)
def test_a_header_is_read_from_the_word_oauth_on(header: str, found: dict[str, str]) -> None:
    assert signature.header_parameters(header) == found
