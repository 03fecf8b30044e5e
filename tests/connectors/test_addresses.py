"""The guard in front of every connection: which URLs and addresses are refused. See tests/ssrf, too."""

import socket
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any

import pytest

from connectors import errors
from connectors.addresses import PatientSocket, guarded_socket, is_public, origin_of
from connectors.http import Door
from tests.connectors.wire import Wire, ok, serving

PUBLIC = "93.184.215.14"


@pytest.fixture
def listener() -> Iterator[Wire]:
    with serving(ok()) as wire:
        yield wire


@pytest.mark.parametrize("address", ["1.1.1.1", PUBLIC, "2606:4700::1111", "2a00:1450:4007::200e"])
def test_public_addresses_are_let_through(address: str) -> None:
    assert is_public(ip_address(address))


def test_a_mapped_public_address_is_public_and_a_mapped_private_one_is_not() -> None:
    assert is_public(ip_address(f"::ffff:{PUBLIC}"))
    assert not is_public(ip_address("::ffff:10.0.0.1"))


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("http://shop.example/", errors.NotHttpsError),
        ("ftp://shop.example/", errors.NotHttpsError),
        ("file:///etc/passwd", errors.MalformedUrlError),
        ("gopher://127.0.0.1:6379/_FLUSHALL", errors.NotHttpsError),
        ("//shop.example/", errors.NotHttpsError),
        ("shop.example", errors.MalformedUrlError),
        ("", errors.MalformedUrlError),
        ("https://", errors.MalformedUrlError),
        ("https:///path", errors.MalformedUrlError),
        ("https://user@shop.example/", errors.CredentialsInUrlError),
        ("https://user:word@shop.example/", errors.CredentialsInUrlError),
        ("https://shop.example:word@127.0.0.1/", errors.CredentialsInUrlError),
        ("https://:@shop.example/", errors.CredentialsInUrlError),
        ("https://shop.example:0/", errors.BadPortError),
        ("https://shop.example:65536/", errors.BadPortError),
        ("https://shop.example:-1/", errors.BadPortError),
        ("https://shop.example:https/", errors.BadPortError),
        ("https://shop.example\\@127.0.0.1/", errors.MalformedUrlError),
        ("https://shop.example/a b", errors.MalformedUrlError),
        (" https://shop.example/", errors.MalformedUrlError),
        ("https://shop.example/\r\nHost: other", errors.MalformedUrlError),
        ("https://shop.exa\tmple/", errors.MalformedUrlError),
        ("https://shöp.example/", errors.MalformedUrlError),
        ("https://１２７.0.0.1/", errors.MalformedUrlError),
        ("https://[::1/", errors.MalformedUrlError),
        ("https://[shop]/", errors.MalformedUrlError),
        ("https://[fe80::1%25eth0]/", errors.MalformedUrlError),
        ("https://shop.example%00.org/", errors.MalformedUrlError),
        ("https://sh*p.example/", errors.MalformedUrlError),
        ("https://shop.example/" + "a" * 8_000, errors.MalformedUrlError),
    ],
)
def test_a_url_that_must_not_be_called_is_refused_before_any_look_up(
    url: str, error: type[errors.ConnectorError], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ALLOW_PRIVATE_ADDRESSES = False
    monkeypatch.setattr(socket, "getaddrinfo", _never)
    with Door() as door, pytest.raises(error):
        door.request("GET", url)


def test_plain_http_goes_to_loopback_by_name_or_number_and_only_where_it_is_allowed(
    settings: Any,
) -> None:
    settings.ALLOW_PRIVATE_ADDRESSES = True
    assert origin_of("http://127.0.0.1/").port == 80
    assert origin_of("http://shop.localhost:8080/").port == 8080
    with pytest.raises(errors.NotHttpsError):
        origin_of("http://10.0.0.1/")
    settings.ALLOW_PRIVATE_ADDRESSES = False
    with pytest.raises(errors.NotHttpsError):
        origin_of("http://127.0.0.1/")


def test_many_addresses_are_not_all_tried(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    tried = _resolver(monkeypatch, lambda _name: [f"93.184.215.{last}" for last in range(1, 50)])
    with pytest.raises(errors.ConnectionRefusedByShopError):
        guarded_socket("many.example", 22, timeout=1)
    assert len(tried) == 4


def test_a_name_nobody_knows_is_named() -> None:
    with pytest.raises(errors.NameNotFoundError) as refused:
        guarded_socket("no-such-shop.invalid", 443, timeout=1)
    assert refused.value.message == (
        "No server is known under the name no-such-shop.invalid. Check it for a typing mistake."
    )


def test_a_name_server_that_fails_is_not_the_merchants_mistake(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(*_args: object, **_kwargs: object) -> None:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", fails)
    with pytest.raises(errors.NameServerError) as refused:
        guarded_socket("shop.example", 443, timeout=1)
    assert isinstance(refused.value, errors.RetryLaterError)


def test_a_label_too_long_for_a_name_is_an_unknown_name() -> None:
    with pytest.raises(errors.NameNotFoundError):
        guarded_socket("a" * 64 + ".example", 443, timeout=1)


def test_a_guarded_socket_talks_to_what_it_was_opened_to(listener: Wire) -> None:
    with guarded_socket("localhost", listener.port, timeout=5) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert connection.recv(12) == b"HTTP/1.1 200"


def _never(*_args: object, **_kwargs: object) -> None:
    pytest.fail("a name was looked up")


def _resolver(monkeypatch: pytest.MonkeyPatch, answer: Any) -> list[tuple[str, int]]:
    """Put `answer` in the place of the name server; every connection is refused and noted."""
    tried: list[tuple[str, int]] = []

    def look_up(name: str, port: int, **_kwargs: object) -> list[Any]:
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (found, port)) for found in answer(name)
        ]

    def connect(_self: object, address: tuple[str, int]) -> None:
        tried.append(address)
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(PatientSocket, "connect", connect)
    return tried
