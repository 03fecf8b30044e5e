"""A document of `manage.py connect` is taken whole or refused with every mistake named, and no secret."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from onboarding.connect_document import MAX_BYTES, DocumentError, read

KEY, SECRET, TOKEN, TOKEN_SECRET = ("k" * 32, "s" * 32, "t" * 32, "u" * 32)
CREDENTIALS = {
    "consumerKey": KEY,
    "consumerSecret": SECRET,
    "accessToken": TOKEN,
    "accessTokenSecret": TOKEN_SECRET,
}
GOOD = {
    "merchant": "Maison",
    "shop": "Paris",
    "platform": "magento",
    "config": {"url": "https://shop.example.com", **CREDENTIALS},
}


def _raw(document: Any = None, **config: Any) -> bytes:
    chosen = GOOD if document is None else document
    if config:
        chosen = {**chosen, "config": {**chosen["config"], **config}}
    return json.dumps(chosen).encode()


def _problems(raw: bytes) -> list[str]:
    with pytest.raises(DocumentError) as caught:
        read(raw)
    for secret in CREDENTIALS.values():
        assert secret not in str(caught.value)
    return caught.value.problems


def test_a_retrieve_configuration_is_taken_as_it_is() -> None:
    document = read(
        _raw(
            type="async/V1",
            orders_last_pull="2025-12-01 00:00:00",
            customers_last_pull=None,
            products_last_pull="2025-11-30 23:59:59",
        )
    )
    assert (document.merchant, document.shop, document.platform) == ("Maison", "Paris", "magento")
    assert document.form.to_config() == {
        "url": "https://shop.example.com",
        "stores": [{"base": "https://shop.example.com", "store": ""}],
        "type": "async/V1",
    }
    assert document.form.to_secrets() == {
        "consumer_key": KEY,
        "consumer_secret": SECRET,
        "access_token": TOKEN,
        "access_token_secret": TOKEN_SECRET,
    }
    assert document.positions == {
        "orders": datetime(2025, 12, 1, tzinfo=UTC),
        "products": datetime(2025, 11, 30, 23, 59, 59, tzinfo=UTC),
    }


@pytest.mark.parametrize(
    "url",
    [
        ["https://shop.example.com/rest/fr/V1", "https://shop.example.com/rest/en/V1/"],
        " https://SHOP.example.com/rest/fr/V1\nshop.example.com/rest/en ",
    ],
)
def test_several_addresses_are_a_list_or_lines(url: str | list[str]) -> None:
    assert read(_raw(url=url)).form.to_config()["stores"] == [
        {"base": "https://shop.example.com", "store": "fr"},
        {"base": "https://shop.example.com", "store": "en"},
    ]


def test_blanks_around_values_are_mended() -> None:
    spaced = {name: f"  {value}\n" for name, value in CREDENTIALS.items()}
    document = read(_raw({**GOOD, "merchant": " Maison ", "shop": "Paris\n"}, **spaced))
    assert (document.merchant, document.shop) == ("Maison", "Paris")
    assert document.form.to_secrets()["consumer_key"] == KEY


def test_a_byte_order_mark_is_no_mistake() -> None:
    assert read(b"\xef\xbb\xbf" + _raw()).shop == "Paris"


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b"", "The document is empty."),
        (b" \n ", "The document is empty."),
        (b"\xff\xfe", "The document is not UTF-8 text."),
        (b"x" * (MAX_BYTES + 1), "The document is larger than 64 kB."),
        (b"[]", "The document must be a JSON object."),
        (b"null", "The document must be a JSON object."),
        (b"[" * 50_000, "The document is not JSON that we take: nested too deeply."),
        (b'{"shop": "a", "shop": "b"}', "The document has the same key twice in one object."),
    ],
)
def test_what_is_no_document_is_named(raw: bytes, problem: str) -> None:
    assert _problems(raw) == [problem]


def test_broken_json_is_named_with_its_place() -> None:
    [problem] = _problems(_raw()[:-1] + b",}")
    assert problem.startswith("The document is not JSON: ")
    assert "line 1, column" in problem


def test_every_mistake_is_named_at_once() -> None:
    problems = _problems(
        json.dumps(
            {
                "merchant": 5,
                "shop": "  ",
                "platform": "magento",
                "colour": "red",
                "config": {
                    "url": "",
                    "consumerKey": KEY[:30],
                    "consumerkey": KEY,
                    "accessToken": 7,
                    "accessTokenSecret": None,
                    "type": SECRET,
                    "orders_last_pull": "yesterday",
                    "customers_last_pull": "2999-01-01 00:00:00",
                },
            }
        ).encode()
    )
    keys = ", ".join([*read(_raw()).form.document, *read(_raw()).form.watermarks])
    missing = "This value is missing. Magento shows it when you activate the integration."
    assert sorted(problems) == sorted(
        [
            "unknown key 'colour'; the keys are: merchant, shop, platform, config.",
            "merchant must be text.",
            "shop is blank.",
            f"config: unknown key 'consumerkey'; the keys are: {keys}.",
            "config.accessToken must be text.",
            "config.url: Enter the address of your shop, for example https://www.your-shop.com",
            "config.consumerKey: The Consumer Key has 30 characters; Magento's have 32."
            " Copy it again, whole.",
            f"config.consumerSecret: {missing}",
            f"config.accessToken: {missing}",
            f"config.accessTokenSecret: {missing}",
            "config.type: Select a valid choice. … is not one of the available choices.",
            "config.orders_last_pull must be a date like 2025-12-01 00:00:00 (UTC).",
            "config.customers_last_pull is in the future.",
        ]
    )


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"platform": "prestashop"}, "platform must be one of: magento, wshop."),
        ({"platform": None}, "platform is missing."),
        ({"merchant": "x" * 201}, "merchant must be one line of at most 200 characters."),
        ({"merchant": "a\nb"}, "merchant must be one line of at most 200 characters."),
        ({"config": None}, "config is missing."),
        ({"config": [KEY]}, "config must be an object."),
    ],
)
def test_a_wrong_name_is_named(change: dict[str, Any], problem: str) -> None:
    assert _problems(_raw({**GOOD, **change})) == [problem]


def test_the_same_value_twice_is_named_without_being_repeated() -> None:
    assert _problems(_raw(accessToken=KEY)) == [
        "config.accessToken: This is the same value as the Consumer Key. Copy the Access Token again."
    ]


@pytest.mark.parametrize(
    "url",
    ["http://shop.example.com", "ftp://shop.example.com", KEY, "me@example.com", "x" * 30_000],
)
def test_an_address_that_is_none_is_named_and_not_repeated(url: str) -> None:
    [problem] = _problems(_raw(url=url))
    assert problem.startswith("config.url: ")
    assert url not in problem


def test_a_secret_in_the_place_of_a_key_is_not_repeated() -> None:
    [problem] = _problems(_raw(**{KEY: "consumerKey"}))
    assert problem.startswith("config: unknown key (long); the keys are: url, ")


def test_a_value_of_a_megabyte_is_refused() -> None:
    assert _problems(_raw(consumerKey="a" * 1_000_000)) == ["The document is larger than 64 kB."]


def test_dates_are_read_as_utc_in_one_spelling_only() -> None:
    for wrong in ("2025-12-01", "2025-12-01T00:00:00", "2025-13-01 00:00:00", 1764547200, [], {}):
        assert _problems(_raw(orders_last_pull=wrong)) == [
            "config.orders_last_pull must be a date like 2025-12-01 00:00:00 (UTC)."
        ]


def test_a_blank_date_is_one_that_is_not_set() -> None:
    document = read(_raw(orders_last_pull="", products_last_pull="2025-11-30 23:59:59"))
    assert dict(document.positions) == {"products": datetime(2025, 11, 30, 23, 59, 59, tzinfo=UTC)}
