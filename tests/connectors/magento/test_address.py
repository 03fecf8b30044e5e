"""Whatever people paste as their shop's address leads to one base and an optional store code."""

import pytest

from connectors import errors as general
from connectors.errors import AddressError
from connectors.magento import errors
from connectors.magento.address import StoreAddress, parse, parse_all

SHOP = "https://www.boutique.example"


@pytest.mark.parametrize(
    "typed",
    [
        SHOP,
        f"{SHOP}/",
        f"{SHOP}///",
        "www.boutique.example",
        "//www.boutique.example/",
        "  https://www.boutique.example \n",
        "HTTPS://WWW.Boutique.Example",
        f"{SHOP}:443",
        f"{SHOP}:443/rest/V1",
        f"{SHOP}./",
        f"{SHOP}/rest",
        f"{SHOP}/rest/",
        f"{SHOP}/rest/V1",
        f"{SHOP}/rest/V1/",
        f"{SHOP}/REST/v1",
        f"{SHOP}/rest/V1/orders?searchCriteria[pageSize]=1#top",
        f"{SHOP}/rest/async/V1",
        f"{SHOP}/rest/async/bulk/V1/products",
        f"{SHOP}/index.php",
        f"{SHOP}/index.php/rest/V1",
        f"{SHOP}/swagger",
        f"{SHOP}/graphql",
        f"{SHOP}/robe-lin.html?utm_source=mail",
        f"{SHOP}/robe-d%C3%A9t%C3%A9.html",
        f'"{SHOP}"',
        f"<{SHOP}>",
    ],
)
def test_every_spelling_of_one_shop_is_one_base(typed: str) -> None:
    assert parse_all(typed) == [StoreAddress(SHOP)]


@pytest.mark.parametrize(
    ("typed", "base", "store"),
    [
        (f"{SHOP}/rest/fr/V1", SHOP, "fr"),
        (f"{SHOP}/rest/fr", SHOP, "fr"),
        (f"{SHOP}/rest/fr_CH/V1/products", SHOP, "fr_CH"),
        (f"{SHOP}/rest/all/V1/", SHOP, "all"),
        (f"{SHOP}/rest/default/async/V1", SHOP, "default"),
        (f"{SHOP}/index.php/rest/de/V1", SHOP, "de"),
        (f"{SHOP}:8443/rest/de/V1", f"{SHOP}:8443", "de"),
        (f"{SHOP}/magento/", f"{SHOP}/magento", ""),
        (f"{SHOP}/magento/index.php/rest/V1", f"{SHOP}/magento", ""),
        (f"{SHOP}//magento//rest//it//V1", f"{SHOP}/magento", "it"),
        ("https://bücher.example/rest/V1", "https://xn--bcher-kva.example", ""),
        ("http://127.0.0.1:8080/rest/fr/V1", "http://127.0.0.1:8080", "fr"),
        ("http://localhost:80", "http://localhost", ""),
        ("http://[::1]:9000/", "http://[::1]:9000", ""),
    ],
)
def test_ports_folders_and_store_codes_are_kept(typed: str, base: str, store: str) -> None:
    assert parse(typed) == StoreAddress(base, store)


def test_several_addresses_are_separated_by_anything_and_each_comes_once() -> None:
    text = f"{SHOP}/rest/fr/V1, {SHOP}/rest/de/V1;\n\thttps://autre.example\n{SHOP}/rest/fr/"
    expected = [
        StoreAddress(SHOP, "fr"),
        StoreAddress(SHOP, "de"),
        StoreAddress("https://autre.example"),
    ]
    assert parse_all(text) == expected
    assert parse_all(text.split("\n")) == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("", errors.AddressMissingError),
        (" \n ", errors.AddressMissingError),
        ("x" * 1_000_000, errors.AddressTooLongError),
        (f"{SHOP}/{'a' * 3_000}", errors.AddressTooLongError),
        ("\n".join(f"https://shop{n}.example" for n in range(61)), errors.AddressTooLongError),
        (f"{SHOP}/admin", errors.AdminAddressError),
        (f"{SHOP}/admin_1x2y/admin/integration/", errors.AdminAddressError),
        (f"{SHOP}/backoffice/sales/order/index/key/{'0a' * 32}/", errors.AdminAddressError),
        ("owner@boutique.example", errors.EmailInsteadOfAddressError),
        ("http://www.boutique.example", general.NotHttpsError),
        ("ftp://www.boutique.example", general.NotHttpsError),
        ("http://10.0.0.1", general.NotHttpsError),
        ("https://user:hunter2@www.boutique.example", general.CredentialsInUrlError),
        ("https://user@www.boutique.example", general.CredentialsInUrlError),
        (f"{SHOP}:0", general.BadPortError),
        (f"{SHOP}:99999", general.MalformedUrlError),
        ("boutique", general.MalformedUrlError),
        ("https://", general.MalformedUrlError),
        ("https:///rest/V1", general.MalformedUrlError),
        ("https://exa mple.com", general.MalformedUrlError),
        ("javascript:alert(1)", general.MalformedUrlError),
        (f"{SHOP}/a%20b/rest/V1", general.MalformedUrlError),
        (f"{SHOP}/rest/<script>/V1", general.MalformedUrlError),
        (f"{SHOP}/rest/1fr/V1", general.MalformedUrlError),
        ("https://[::1", general.MalformedUrlError),
        ("{}" * 40, general.MalformedUrlError),
    ],
)
def test_what_is_no_address_is_refused_with_a_sentence_of_its_own(
    typed: str, expected: type[AddressError]
) -> None:
    with pytest.raises(AddressError) as refused:
        parse_all(typed)
    assert type(refused.value) is expected
    assert len(refused.value.message) < 300
    assert "hunter2" not in f"{refused.value.message}{refused.value.detail}"


def test_plain_http_is_refused_on_loopback_too_where_the_settings_say_so(settings) -> None:
    settings.ALLOW_PRIVATE_ADDRESSES = False
    with pytest.raises(general.NotHttpsError):
        parse("http://127.0.0.1:8080")
