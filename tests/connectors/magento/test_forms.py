"""The credentials form mends what it can, names what it cannot, and never shows a secret again."""

import json

import pytest

from connectors.magento.client import SECRET_NAMES
from connectors.magento.credentials import sort_credentials
from connectors.magento.forms import MagentoForm
from connectors.magento.proposal import attribute_codes

KEY, SECRET = "abcdefghijklmnop0123456789abcdef", "b1" * 16
TOKEN, TOKEN_SECRET = "c2" * 16, "d3" * 16
VALUES = {
    "consumer_key": KEY,
    "consumer_secret": SECRET,
    "access_token": TOKEN,
    "access_token_secret": TOKEN_SECRET,
}
RETRIEVE = {
    "url": "https://Magento.Example.com/rest/fr/V1/",
    "consumerKey": KEY,
    "consumerSecret": SECRET,
    "accessToken": TOKEN,
    "accessTokenSecret": TOKEN_SECRET,
    "type": "async/V1",
    "orders_last_pull": "2025-12-01 00:00:00",
}
POPUP = f"""Integration Tokens for Extensions
Consumer Key
{KEY}
Consumer Secret
{SECRET}
Access Token
{TOKEN}
Access Token Secret
{TOKEN_SECRET}
"""
LABELLED = f"""
 * Consumer Key: {KEY}
 * Consumer Secret = "{SECRET}",
 * access_token\t{TOKEN}
 * Access-Token-Secret -> {TOKEN_SECRET}
 URL : https://magento.example.com
"""


@pytest.mark.parametrize(
    "text",
    [
        POPUP,
        LABELLED,
        json.dumps(RETRIEVE),
        f"our access:\n```{json.dumps(RETRIEVE, indent=2)}```\nthanks",
        "\n".join(VALUES.values()),
        " , ".join(VALUES.values()),
        "\r\n\r\n".join(f"  {value}  " for value in VALUES.values()),
    ],
)
def test_all_four_are_sorted_however_they_are_pasted(text: str) -> None:
    found = sort_credentials(text)
    assert {name: found[name] for name in VALUES} == VALUES


def test_the_address_and_the_type_are_found_too() -> None:
    assert sort_credentials(LABELLED)["url"] == "https://magento.example.com"
    found = sort_credentials(json.dumps(RETRIEVE))
    assert (found["url"], found["type"]) == (RETRIEVE["url"], "async/V1")
    bare = "https://magento.example.com/\n" + "\n".join(VALUES.values())
    assert sort_credentials(bare)["url"] == "https://magento.example.com/"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "{",
        "[]",
        "{" * 5_000,
        "[1]" * 100,
        "\x00\x01",
        "x" * 1_000_000,
        "\n".join(list(VALUES.values())[:3]),
        "null",
        '{"consumerKey": null, "accessToken": 5}',
    ],
)
def test_garbage_gives_nothing_and_no_failure(text: str) -> None:
    assert sort_credentials(text) == {}


def form(**data: object) -> MagentoForm:
    return MagentoForm({"url": "https://magento.example.com", **VALUES, **data})


def codes(found: MagentoForm) -> dict[str, list[str]]:
    return {
        name: [error.code or "" for error in listed.as_data()]
        for name, listed in found.errors.items()
    }


def test_a_good_form_gives_configuration_and_secrets_apart() -> None:
    good = form(url="Magento.Example.com/rest/fr/V1\nhttps://magento.example.com/rest/de/V1/")
    assert good.is_valid()
    assert good.to_config() == {
        "url": "https://magento.example.com",
        "stores": [
            {"base": "https://magento.example.com", "store": "fr"},
            {"base": "https://magento.example.com", "store": "de"},
        ],
        "type": "V1",
    }
    assert good.to_secrets() == VALUES


def test_the_names_of_a_retrieve_configuration_are_taken() -> None:
    found = MagentoForm({**RETRIEVE, "attributes": {"size": "taille", "color": ["coloris"]}})
    assert found.is_valid()
    assert found.to_config() == {
        "url": "https://magento.example.com",
        "stores": [{"base": "https://magento.example.com", "store": "fr"}],
        "type": "async/V1",
        "attributes": {"size": ["taille"], "color": ["coloris"]},
    }
    assert found.to_secrets() == VALUES


def test_what_is_pasted_at_once_fills_the_empty_fields() -> None:
    pasted = MagentoForm({"paste": json.dumps(RETRIEVE)})
    assert pasted.is_valid()
    assert pasted.to_secrets() == VALUES
    assert pasted.to_config()["type"] == "async/V1"
    into_the_first_field = MagentoForm({"url": "magento.example.com", "consumer_key": POPUP})
    assert into_the_first_field.is_valid()
    assert into_the_first_field.to_secrets() == VALUES


def test_blanks_quotes_and_line_ends_around_a_value_are_mended() -> None:
    mended = form(consumer_key=f" \t{KEY}\r\n", access_token=f'"{TOKEN}",')
    assert mended.is_valid()
    assert mended.to_secrets() == VALUES


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"consumer_key": ""}, {"consumer_key": ["required"]}),
        ({"consumer_key": "https://x.example"}, {"consumer_key": ["address"]}),
        ({"consumer_key": KEY[:-1]}, {"consumer_key": ["length"]}),
        ({"access_token": TOKEN.upper()}, {"access_token": ["characters"]}),
        ({"access_token": KEY}, {"access_token": ["equal"]}),
        ({"access_token_secret": SECRET}, {"access_token_secret": ["equal"]}),
        ({"consumer_secret": "x" * 1_000_000}, {"consumer_secret": ["max_length"]}),
        ({"paste": "x" * 1_000_000}, {"paste": ["max_length"]}),
        ({"paste": "good morning"}, {"paste": ["nothing_found"]}),
        ({"url": ""}, {"url": ["required"]}),
        ({"url": "http://magento.example.com"}, {"url": ["not_https"]}),
        ({"url": "x" * 1_000_000}, {"url": ["magento_address_too_long"]}),
        ({"url": "https://magento.example.com/admin"}, {"url": ["magento_admin_address"]}),
        ({"url": KEY}, {"url": ["malformed_url"]}),
        ({"type": "V2"}, {"type": ["invalid_choice"]}),
        ({"attributes": "{"}, {"__all__": ["attributes"]}),
        ({"attributes": {"size": "a b"}}, {"__all__": ["attributes"]}),
        ({"attributes": {"colour": "x"}}, {"__all__": ["attributes"]}),
    ],
)
def test_each_mistake_is_named_at_its_field(
    data: dict[str, object], expected: dict[str, list[str]]
) -> None:
    assert codes(form(**data)) == expected


def test_swapped_values_show_at_both_fields() -> None:
    swapped = form(url=KEY, consumer_key="https://magento.example.com")
    assert codes(swapped) == {"url": ["malformed_url"], "consumer_key": ["address"]}


def test_no_secret_is_given_back_to_a_page_or_said_in_an_error() -> None:
    wrong = form(paste=json.dumps(RETRIEVE), consumer_key=KEY[:-1], access_token=f"{TOKEN}!")
    assert not wrong.is_valid()
    page = f"{wrong.as_p()}{wrong.errors}"
    assert [value for value in (KEY[:-1], *VALUES.values()) if value in page] == []
    assert "https://magento.example.com" in page


def test_kept_secrets_may_stay_blank_and_what_is_stored_is_shown() -> None:
    config = {
        "url": "https://a.example",
        "stores": [{"base": "https://a.example", "store": "fr"}],
        "type": "async/V1",
        "attributes": {"size": ["taille"]},
        "page_size": 50,
    }
    shown = MagentoForm(config=config, kept=VALUES)
    assert "https://a.example/rest/fr/V1" in shown.as_p()
    blank = dict.fromkeys(VALUES, "")
    kept = MagentoForm({"url": "https://b.example", **blank}, config=config, kept=VALUES)
    assert kept.is_valid()
    assert kept.to_secrets() == blank
    assert kept.to_config() == {
        "url": "https://b.example",
        "stores": [{"base": "https://b.example", "store": ""}],
        "type": "V1",
        "attributes": {"size": ["taille"]},
        "page_size": 50,
    }


def test_attribute_codes_come_as_one_or_several() -> None:
    assert attribute_codes('{"size": "taille"}') == {"size": ["taille"]}
    assert attribute_codes({"gender": []}) == {"gender": []}
    assert attribute_codes(None) == {}


def test_the_mail_that_kleeps_guide_asks_for_is_understood_as_it_is() -> None:
    """Its two points, with every address and its bullets."""
    values = {name: letter * 32 for name, letter in zip(SECRET_NAMES, "abcd", strict=True)}
    text = (
        "1. The API base URLs: https://fr.example.com/rest/V1, https://de.example.com/rest/V1\n"
        "2. OAuth1 Credentials\n"
        f"  \u2022 Consumer Key: {values['consumer_key']}\n"
        f"  \u2022 Consumer Secret: {values['consumer_secret']}\n"
        f"  \u2022 Access Token: {values['access_token']}\n"
        f"  \u2022 Access Token Secret: {values['access_token_secret']}\n"
    )
    assert sort_credentials(text) == {
        **values,
        "url": "https://fr.example.com/rest/V1\nhttps://de.example.com/rest/V1",
    }
