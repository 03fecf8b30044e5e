"""Ways to write, and to be led to, an address that is not the outside's: one list for every way out.

PORT stands for the port that counts. What a host leads to is what the system would call if nobody checked.
"""

from dataclasses import dataclass
from ipaddress import ip_address

from connectors.addresses import Address

PUBLIC = "93.184.215.14"
SHOP = "shop.example"
PORT = "PORT"
PRIVATE, NOBODY, MALFORMED, NOT_HTTPS, PASSWORD, BAD_PORT = (
    "private_address",
    "name_not_found",
    "malformed_url",
    "not_https",
    "credentials_in_url",
    "bad_port",
)
# Addresses at which Linux reaches a server that listens on 127.0.0.1 and ::1.
HERE = {ip_address(one) for one in ("127.0.0.1", "::1", "::ffff:127.0.0.1", "0.0.0.0", "::")}
HERE |= {ip_address("::ffff:0.0.0.0")}


@dataclass(frozen=True)
class Host:
    """As it stands in a URL, and where it leads."""

    host: str
    leads: tuple[Address, ...]

    @property
    def reaches(self) -> int:
        """How many of its addresses the counting port is at."""
        return sum(address in HERE for address in self.leads)


def _hosts(leads: str, *spellings: str) -> list[Host]:
    return [Host(spelling, (ip_address(leads),)) for spelling in spellings]


# Numbers, in every base and length that the system's own reader takes.
NUMBERS = [
    *_hosts("127.0.0.1", "127.0.0.1", "127.1", "127.0.1", "127.000.000.001", "2130706433"),
    *_hosts("127.0.0.1", "0x7f000001", "0x7F.0x0.0x0.0x1", "0x7f.1", "0x7f.0.0.01", "127.0x1"),
    *_hosts("127.0.0.1", "0177.0.0.1", "0177.1", "0177.0.0x1", "017700000001"),
    *_hosts("127.0.0.1", "00000000177.0.0.1"),
    *_hosts("127.255.255.254", "127.255.255.254"),
    *_hosts("0.0.0.0", "0", "00", "0x0", "0.0", "0.0.0.0"),
    *_hosts("0.1.2.3", "0.1.2.3"),
    *_hosts("::1", "[::1]", "[0:0:0:0:0:0:0:1]", "[0000:0000:0000:0000:0000:0000:0000:0001]"),
    *_hosts("::1", "[::0.0.0.1]"),
    *_hosts("::", "[::]", "[0:0:0:0:0:0:0:0]", "[::0.0.0.0]"),
    *_hosts("::ffff:127.0.0.1", "[::ffff:127.0.0.1]", "[::FFFF:7f00:1]"),
    *_hosts("::ffff:127.0.0.1", "[0:0:0:0:0:ffff:127.0.0.1]"),
    *_hosts("::ffff:0.0.0.0", "[::ffff:0.0.0.0]"),
]
# An address of this machine or of a cloud's inside another notation's.
CARRIED = [
    *_hosts("::127.0.0.1", "[::127.0.0.1]", "[::7f00:1]"),
    *_hosts("::ffff:0:127.0.0.1", "[::ffff:0:127.0.0.1]"),
    *_hosts("64:ff9b::127.0.0.1", "[64:ff9b::127.0.0.1]", "[64:ff9b::7f00:1]"),
    *_hosts("64:ff9b:1::7f00:1", "[64:ff9b:1::7f00:1]"),
    *_hosts("64:ff9b::169.254.169.254", "[64:ff9b::a9fe:a9fe]"),
    *_hosts("2002:7f00:1::", "[2002:7f00:1::]"),
    *_hosts("2002:a9fe:a9fe::", "[2002:a9fe:a9fe::]"),
    *_hosts("2001:0:53aa:64c:0:fffe:80ff:fffe", "[2001:0:53aa:64c:0:fffe:80ff:fffe]"),
    *_hosts("::ffff:10.0.0.1", "[::ffff:10.0.0.1]", "[::ffff:a00:1]"),
    *_hosts("::ffff:169.254.169.254", "[::ffff:169.254.169.254]", "[::ffff:a9fe:a9fe]"),
]
# What is somebody's inside, a cloud's own, of many, or of nobody.
INSIDE = [
    *_hosts("169.254.169.254", "169.254.169.254", "2852039166", "0xa9fea9fe", "169.254.43518"),
    *_hosts("169.254.169.254", "0251.0376.0251.0376", "169.16689662", "0xa9.0xfe.0xa9.0xfe"),
    *_hosts("169.254.0.1", "169.254.0.1"),
    *_hosts("10.0.0.1", "10.0.0.1", "10.1", "167772161", "012.0.0.1"),
    *(
        host
        for address in (
            *("172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "100.127.255.254"),
            *("100.100.100.200", "168.63.129.16", "192.0.0.192", "192.0.2.1", "192.88.99.1"),
            *("198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1"),
            *("224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255"),
        )
        for host in _hosts(address, address)
    ),
    *(
        host
        for address in (
            *("fe80::1", "fec0::1", "fc00::1", "fd00:ec2::254", "ff01::1", "ff02::1"),
            *("2001:db8::1", "2001:10::1", "3fff::1", "100::1", "5f00::1", "4000::1"),
        )
        for host in _hosts(address, f"[{address}]")
    ),
]
# Names, and what a name server answers to each.
NAMES = [
    Host(name, tuple(map(ip_address, answers)))
    for name, answers in {
        "localhost": ["::1", "127.0.0.1"],
        "LOCALHOST": ["::1", "127.0.0.1"],
        "localhost.": ["::1", "127.0.0.1"],
        "localhost.localdomain": ["127.0.0.1"],
        "ip6-localhost": ["::1"],
        "shop.localhost": ["127.0.0.1"],
        "127.0.0.1.": ["127.0.0.1"],
        "127.0.0.1.in-addr.example": ["127.0.0.1"],
        "xn--hp-gka.example": ["127.0.0.1"],
        "unspecified.example": ["0.0.0.0", "::"],
        "mapped.example": ["::ffff:127.0.0.1"],
        "metadata.example.internal": ["169.254.169.254"],
        "office.example": ["10.0.0.7", "192.168.0.7", "fd12::7"],
        "many.example": ["10.0.0.1", "127.0.0.1", "::1", "169.254.169.254", "224.0.0.1"],
    }.items()
]
HOSTS = [*NUMBERS, *CARRIED, *INSIDE, *NAMES]
# Hosts that no system reads as a number, and that are nobody's name.
NOBODYS = ["6425673729", "0x17f000001", "127.0.0.256", "127.0.0.08", "127..1", "[v1.127.0.0.1]"]
# What is refused as it is written, before anything is looked up.
UNREADABLE = [
    *("１２７.0.0.1", "①②⑦.⓪.⓪.①", "𝟏𝟐𝟕.𝟎.𝟎.𝟏", "¹²⁷.⁰.⁰.¹", "١٢٧.٠.٠.١"),
    *("127．0．0．1", "127。0。0。1", "127｡0｡0｡1", "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ", "lo\u00adcalhost", "local\u200bhost"),
    *("ｌｏｃａｌｈｏｓｔ", "%31%32%37.0.0.1", "127%2e0%2e0%2e1", "loc%61lhost", "127.0.0.1%00.shop.example"),
    *("127.0.0.1%2f.shop.example", "127.0.0.1;.shop.example", "127.0.0.1,shop.example", "127.0.0.1 "),
    *("127.0.0.1\t", "127.0.0.1\r\n", "127.0.0.1\\.shop.example", "shop.example\\@127.0.0.1"),
    *("[::1%25lo]", "[::1%lo]", "[fe80::1%25eth0]", "[fe80::1%2]", "[::1", "::1]", "[[::1]]"),
    *("[127.0.0.1]", "[localhost]", "[1:2:3]", "*.localhost", ".localhost", "127.0.0.1-", ""),
]  # fmt: skip
WITH_PASSWORD = [
    *("shop.example@127.0.0.1", "shop.example:443@127.0.0.1", "shop.example%40@127.0.0.1"),
    *(":@127.0.0.1", "@127.0.0.1", "user:word@[::1]", "a@b@127.0.0.1", "127.0.0.1@shop.example"),
    *("https%3a%2f%2fshop.example@localhost", "shop.example:443@[::ffff:127.0.0.1]"),
]
# Whole URLs, each with the refusal that it meets.
URLS: dict[str, str] = {
    **{f"https://{host}:{PORT}/": MALFORMED for host in UNREADABLE},
    **{f"https://{host}:{PORT}/": PASSWORD for host in WITH_PASSWORD},
    **{
        f"{scheme}://127.0.0.1:{PORT}/": NOT_HTTPS
        for scheme in ("http", "HTTP", "ws", "wss", "ftp", "sftp", "gopher", "dict", "ldap", "tftp")
    },
    f"gopher://127.0.0.1:{PORT}/_FLUSHALL": NOT_HTTPS,
    f"view-source:https://127.0.0.1:{PORT}/": MALFORMED,
    f"jar:https://127.0.0.1:{PORT}/!/": MALFORMED,
    f"https:127.0.0.1:{PORT}": MALFORMED,
    f"https:/127.0.0.1:{PORT}/": MALFORMED,
    f"https:///127.0.0.1:{PORT}/": MALFORMED,
    f"//127.0.0.1:{PORT}/": NOT_HTTPS,
    f"127.0.0.1:{PORT}": MALFORMED,
    f" https://127.0.0.1:{PORT}/": MALFORMED,
    f"https://127.0.0.1:{PORT}/ HTTP/1.1": MALFORMED,
    f"https://127.0.0.1:{PORT}/\r\nHost: {SHOP}": MALFORMED,
    f"https://127.0.0.1:{PORT}/" + "a" * 8_000: MALFORMED,
    "file:///etc/passwd": MALFORMED,
    "data:text/html,here": MALFORMED,
    "javascript:alert(1)": MALFORMED,
    "": MALFORMED,
    **{
        f"https://127.0.0.1:{port}/": BAD_PORT
        for port in ("0", "-1", "+80", "0x50", "8_0", "80:81", "65536", "99999999999", "https")
    },
}


def filled(text: str, port: int) -> str:
    return text.replace(PORT, str(port))
