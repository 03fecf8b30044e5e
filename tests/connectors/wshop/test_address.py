"""Every way in which people paste an API URL leads to one base; what cannot be used is named."""

import pytest

from connectors.errors import (
    AddressError,
    BadPortError,
    CredentialsInUrlError,
    MalformedUrlError,
    NotHttpsError,
)
from connectors.wshop import errors
from connectors.wshop.address import parse


@pytest.mark.parametrize(
    "typed",
    [
        "https://www.maison.example",
        "https://www.maison.example/",
        "  https://www.maison.example/api/v1/  ",
        "https://www.maison.example/api/v1",
        "https://www.maison.example/api",
        "https://www.maison.example//api//v1//",
        "https://www.maison.example/api/v1/products/get?limit=1",
        "https://www.maison.example/api/v1/authentificate#top",
        "HTTPS://WWW.Maison.Example/API/V1",
        "www.maison.example",
        "www.maison.example/api/v1",
        "//www.maison.example",
        "https:/www.maison.example",
        "https://www.maison.example:443/api/v1",
        "www.maison.example.",
        '"https://www.maison.example/"',
        "<https://www.maison.example>",
    ],
)
def test_every_spelling_gives_the_same_base(typed: str) -> None:
    assert parse(typed) == "https://www.maison.example"


@pytest.mark.parametrize(
    ("typed", "base"),
    [
        ("https://host.example/shop/api/v1", "https://host.example/shop"),
        ("host.example/shop/", "https://host.example/shop"),
        ("host.example:8443/api/v1", "https://host.example:8443"),
        ("http://127.0.0.1:8045/api/v1/", "http://127.0.0.1:8045"),
        ("http://localhost:8045", "http://localhost:8045"),
        ("https://maïson.example", "https://xn--mason-dta.example"),
    ],
)
def test_folders_and_ports_stay(typed: str, base: str) -> None:
    assert parse(typed) == base


def test_a_base_is_its_own_base() -> None:
    base = parse("host.example:8443/shop/api/v1")
    assert parse(base) == base


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("", errors.AddressMissingError),
        (" \n ", errors.AddressMissingError),
        ('""', errors.AddressMissingError),
        ("api@maison.example", errors.EmailInsteadOfAddressError),
        ("http://www.maison.example", NotHttpsError),
        ("ftp://www.maison.example", NotHttpsError),
        ("javascript:alert(1)", MalformedUrlError),
        ("https://user:secret@www.maison.example", CredentialsInUrlError),
        ("https://www.maison.example:99999", AddressError),
        ("https://www.maison.example:0", BadPortError),
        ("https://", AddressError),
        ("maison", MalformedUrlError),
        ("https://www.maison.example/a b", MalformedUrlError),
        ("https://www.maison.example/%2e%2e/", MalformedUrlError),
        ("https://[::1", MalformedUrlError),
        ("x" * 1_000_000, MalformedUrlError),
    ],
)
def test_what_cannot_be_used_is_named(typed: str, kind: type[AddressError]) -> None:
    with pytest.raises(kind) as refused:
        parse(typed)
    assert "secret" not in f"{refused.value} {refused.value.detail}"
