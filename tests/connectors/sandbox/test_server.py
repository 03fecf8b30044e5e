"""The server: on this machine only, one connection for many requests, and every bad delivery."""

import gzip
import http.client
import socket
from collections.abc import Iterator

import pytest

from connectors.sandbox.exchange import Delivery, Request, Response
from connectors.sandbox.server import Address, serve
from tests.processes import wait_until


class Echo:
    """Answers with what was asked, delivered as a test wants it."""

    def __init__(self) -> None:
        self.delivery = Delivery()
        self.asked: list[Request] = []

    def answer(self, request: Request) -> Response:
        self.asked.append(request)
        body = request.body or request.target.encode()
        return Response(status=200, body=body, headers=(("X-Shop", "1"),), delivery=self.delivery)


@pytest.fixture
def echo() -> Echo:
    return Echo()


@pytest.fixture
def address(echo: Echo) -> Iterator[Address]:
    with serve(echo) as address:
        yield address


@pytest.fixture
def client(address: Address) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection(address.host, address.port, timeout=10)
    yield connection
    connection.close()


def get(client: http.client.HTTPConnection, target: str) -> bytes:
    client.request("GET", target)
    return client.getresponse().read()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "10.0.0.1"])
def test_it_never_listens_where_others_could_reach_it(echo: Echo, host: str) -> None:
    with pytest.raises(ValueError, match="not an address of this machine alone"), serve(echo, host):
        pytest.fail("it listens")


def test_a_port_in_use_is_an_os_error(echo: Echo, address: Address) -> None:
    with pytest.raises(OSError, match="in use"), serve(echo, port=address.port):
        pytest.fail("it listens twice")


def test_one_connection_carries_many_requests(client: http.client.HTTPConnection) -> None:
    assert get(client, "/first") == b"/first"
    used = client.sock
    assert get(client, "//second?a=%2F&b=+") == b"//second?a=%2F&b=+"
    assert client.sock is used


def test_the_shop_gets_the_request_as_it_was_sent(
    echo: Echo, client: http.client.HTTPConnection
) -> None:
    client.request("POST", "/rest/V1/x%2Fy", body=b"{}", headers={"X-Mixed": "Case"})
    response = client.getresponse()
    assert (response.status, response.read(), response.getheader("X-Shop")) == (200, b"{}", "1")
    (asked,) = echo.asked
    assert (asked.method, asked.target, asked.body) == ("POST", "/rest/V1/x%2Fy", b"{}")
    assert asked.header("X-MIXED") == "Case"


def test_head_has_no_body(client: http.client.HTTPConnection) -> None:
    client.request("HEAD", "/rest")
    response = client.getresponse()
    assert (response.getheader("Content-Length"), response.read()) == ("5", b"")
    assert get(client, "/after") == b"/after"


def test_a_dropped_answer_ends_before_its_announced_length(
    echo: Echo, client: http.client.HTTPConnection
) -> None:
    echo.delivery = Delivery(drop_after=3)
    with pytest.raises(http.client.IncompleteRead) as cut:
        get(client, "/long-enough")
    assert cut.value.partial == b"/lo"


def test_a_reset_ends_without_a_word(echo: Echo, client: http.client.HTTPConnection) -> None:
    echo.delivery = Delivery(reset=True)
    with pytest.raises(ConnectionResetError):
        get(client, "/any")


def test_a_slow_answer_comes_in_pieces_and_whole(
    echo: Echo, client: http.client.HTTPConnection
) -> None:
    echo.delivery = Delivery(pause=0.001)
    path = "/" + "slowly" * 50
    client.request("GET", path)
    response = client.getresponse()
    pieces = []
    while piece := response.read1(1_000):
        pieces.append(piece)
    assert b"".join(pieces) == path.encode()
    assert len(pieces) > 1


def test_an_endless_answer_goes_on_until_the_client_hangs_up(
    echo: Echo, client: http.client.HTTPConnection
) -> None:
    echo.delivery = Delivery(endless=True)
    client.request("GET", "/more")
    response = client.getresponse()
    assert response.read(50_000) == b"/more" * 10_000
    response.close()


def test_stopping_does_not_wait_for_a_late_answer(echo: Echo) -> None:
    echo.delivery = Delivery(delay=600)
    with serve(echo) as address:
        sock = socket.create_connection((address.host, address.port), timeout=10)
        sock.sendall(b"GET /late HTTP/1.1\r\nHost: x\r\n\r\n")
        wait_until(lambda: echo.asked, seconds=60, what="the request")
    with sock:
        assert sock.recv(10) == b""


def test_bytes_are_passed_as_they_are(client: http.client.HTTPConnection) -> None:
    packed = gzip.compress(b"x" * 1000)
    client.request("POST", "/", body=packed)
    assert client.getresponse().read() == packed


def test_nothing_is_left_listening(echo: Echo) -> None:
    with serve(echo) as address:
        pass
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((address.host, address.port), timeout=5)
