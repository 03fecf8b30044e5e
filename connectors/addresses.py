"""Which addresses may be reached, and the one function that opens a socket to them.

A name is resolved once, every address it gives is checked, and the connection goes to the address that
was checked: what a name server answers a moment later changes nothing.
"""

import errno
import re
import socket
import time
from collections.abc import Container
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

import idna
from django.conf import settings

from connectors import errors
from connectors.deadline import PatientSocket

Address = IPv4Address | IPv6Address

ATTEMPTS = 4  # addresses of one name that are tried before giving up
MAX_URL = 8_000

# Written out, because ipaddress.is_global differs between Python releases.
# https://www.iana.org/assignments/iana-ipv4-special-registry
_CLOSED_V4 = tuple(
    ip_network(block)
    for block in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",  # a cloud's metadata service at a public address
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",  # multicast, reserved, broadcast
    )
)
# Of IPv6 only global unicast is open at all; these parts of it are not. Several carry an IPv4 address inside.
_OPEN_V6 = ip_network("2000::/3")
_CLOSED_V6 = tuple(
    ip_network(block) for block in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)
_HOST = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_.])?")


@dataclass(frozen=True)
class Origin:
    """Where a URL leads: what a connection is made to and pooled by."""

    scheme: str
    host: str  # lower case, ASCII; an IPv6 address without its brackets
    port: int


def is_loopback(address: Address) -> bool:
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback


def is_public(address: Address) -> bool:
    """True for an address that anybody on the internet could reach."""
    if isinstance(address, IPv4Address):
        return not any(address in block for block in _CLOSED_V4)
    if address.ipv4_mapped is not None:
        return is_public(address.ipv4_mapped)
    return address in _OPEN_V6 and not any(address in block for block in _CLOSED_V6)


def origin_of(url: str) -> Origin:
    """Where the URL leads. Raises AddressError for a URL that must not be called."""
    if len(url) > MAX_URL or not url.isascii() or re.search(r"[\x00-\x20\x7f\\]", url):
        raise errors.MalformedUrlError(detail="blank, backslash, non-ASCII or too long")
    parts, host = _split(url)
    try:
        port = parts.port
    except ValueError:
        raise errors.BadPortError from None
    if parts.username is not None or parts.password is not None:
        raise errors.CredentialsInUrlError
    host = _host(host)
    if parts.scheme != "https" and not (parts.scheme == "http" and _may_be_plain(host)):
        raise errors.NotHttpsError(detail=f"scheme {parts.scheme[:16]!r}")
    if port == 0:
        raise errors.BadPortError
    return Origin(parts.scheme, host, port or (443 if parts.scheme == "https" else 80))


def _split(url: str) -> tuple[SplitResult, str]:
    try:
        parts = urlsplit(url)
        return parts, parts.hostname or ""
    except ValueError:
        # Its text repeats the URL.
        raise errors.MalformedUrlError(detail="host in brackets is no address") from None


def _host(host: str) -> str:
    try:
        if ":" in host:
            return str(IPv6Address(host)) if "%" not in host else _no_host(host)
        return host if _HOST.fullmatch(host) else _no_host(host)
    except ValueError:
        return _no_host(host)


def _no_host(host: str) -> str:
    raise errors.MalformedUrlError(detail=f"host {host[:80]!r}")


def _may_be_plain(host: str) -> bool:
    """Plain http only to this machine under a name that says so, and only where settings allow it."""
    if not settings.ALLOW_PRIVATE_ADDRESSES:
        return False
    try:
        return is_loopback(ip_address(host))
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def ascii_host(host: str) -> str:
    """The spelling of an international host name that goes into a URL. Raises MalformedUrlError."""
    try:
        return host if host.isascii() else idna.encode(host, uts46=True).decode()
    except idna.IDNAError:
        return _no_host(host)


def guarded_socket(
    host: str,
    port: int,
    *,
    timeout: float,
    only_loopback: bool = False,
    loopback_ports: Container[int] | None = None,
) -> socket.socket:
    """A TCP connection to `host`, if it leads to a public address (or to loopback, where settings allow it).

    `timeout` in seconds covers all attempts together; `loopback_ports`: of loopback, these alone. Raises
    AddressError or ShopDownError.
    """
    deadline = time.monotonic() + timeout
    failure: OSError = TimeoutError()
    on_loopback = loopback_ports is None or port in loopback_ports
    found = _allowed(host, port, only_loopback=only_loopback, on_loopback=on_loopback)
    for address in found[:ATTEMPTS]:
        patience = deadline - time.monotonic()
        if patience <= 0:
            break
        try:
            return _connect(address, port, patience)
        except OSError as error:
            failure = error
    raise _refusal(failure, host, port)


def check_address(host: str, port: int, *, loopback_ports: Container[int] | None = None) -> None:
    """Look the name up and nothing more. Raises AddressError, also where it may not be reached."""
    on_loopback = loopback_ports is None or port in loopback_ports
    _allowed(host, port, only_loopback=False, on_loopback=on_loopback)


def _allowed(host: str, port: int, *, only_loopback: bool, on_loopback: bool) -> list[Address]:
    found = _resolve(host, port)
    loopback_is_open = settings.ALLOW_PRIVATE_ADDRESSES and on_loopback
    allowed = [
        address
        for address in found
        if (loopback_is_open if is_loopback(address) else is_public(address) and not only_loopback)
    ]
    if allowed:
        return allowed
    raise errors.PrivateAddressError(
        host=host, detail=f"{host} resolves to {', '.join(map(str, found))}"
    )


def _resolve(host: str, port: int) -> list[Address]:
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        if error.errno == socket.EAI_AGAIN:
            raise errors.NameServerError(host=host, detail=f"{host}: {error}") from None
        raise errors.NameNotFoundError(host=host, detail=f"{host}: {error}") from None
    except UnicodeError:
        raise errors.NameNotFoundError(
            host=host, detail="a label of the name is too long"
        ) from None
    # A scope id (fe80::1%eth0) only ever belongs to a link-local address, which is refused anyway.
    found = [ip_address(str(answer[4][0]).partition("%")[0]) for answer in answers]
    return list(dict.fromkeys(found))


def _connect(address: Address, port: int, timeout: float) -> socket.socket:
    family = socket.AF_INET if isinstance(address, IPv4Address) else socket.AF_INET6
    connection = PatientSocket(family, socket.SOCK_STREAM)
    try:
        connection.settimeout(timeout)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.connect((str(address), port))
    except BaseException:
        connection.close()
        raise
    return connection


def _refusal(error: OSError, host: str, port: int) -> errors.ConnectorError:
    detail = f"{host}:{port}: {type(error).__name__} {error}"
    if isinstance(error, TimeoutError):
        return errors.ConnectTimeoutError(host=host, detail=detail)
    if error.errno == errno.ECONNREFUSED:
        return errors.ConnectionRefusedByShopError(host=host, port=port, detail=detail)
    return errors.NoRouteError(host=host, detail=detail)
