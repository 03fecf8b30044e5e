"""What people type as the address of their shop, taken apart: the same for every platform."""

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from connectors.errors import MalformedUrlError, NotHttpsError
from connectors.http import ascii_host


@dataclass(frozen=True)
class Typed:
    """`origin`: scheme, host and port in one spelling; `path` as it was typed."""

    origin: str
    path: str


def take_apart(text: str) -> Typed:
    """An address with its scheme. Raises AddressError; what is no address in other ways http.py refuses."""
    parts = _split(text)
    return Typed(f"{parts.scheme}://{_authority(parts)}", parts.path)


def _split(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        # Its text repeats what was typed.
        raise MalformedUrlError from None
    if "." not in host and ":" not in host and host != "localhost":
        raise MalformedUrlError(detail="host without a dot")
    if parts.scheme == "http" and not _is_loopback(host):
        raise NotHttpsError(detail="plain http")
    return parts


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _authority(parts: SplitResult) -> str:
    """Host and port as they are signed: lower case, without the scheme's own port.

    A user name is kept: the door refuses it with a sentence of its own.
    """
    user, at, _host = parts.netloc.rpartition("@")
    host = ascii_host((parts.hostname or "").rstrip("."))
    default = {"https": 443, "http": 80}.get(parts.scheme)
    port = "" if parts.port in {None, default} else f":{parts.port}"
    return f"{user}{at}[{host}]{port}" if ":" in host else f"{user}{at}{host}{port}"
