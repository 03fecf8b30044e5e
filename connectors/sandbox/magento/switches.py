"""What can be made to go wrong in a simulated shop, and which release it imitates."""

from dataclasses import dataclass
from enum import Enum


class Signing(Enum):
    """How a release puts together what a signature covers. See signature.py."""

    UP_TO_2_4_7 = "2.4.4 to 2.4.7"
    PATH_FIXED = "2.4.8"
    REWRITTEN = "2.4.9"


@dataclass
class Switches:
    """All off. Set them at any time, from any thread: each request reads them anew."""

    # --- the release and its settings ---
    signing: Signing = Signing.UP_TO_2_4_7
    sha1_accepted: bool = False  # up to 2.4.3
    sha256_refused: bool = False  # a shop, or a proxy of its own, that only knows HMAC-SHA1
    bearer_enabled: bool = False  # oauth/consumer/enable_integration_as_bearer
    child_prices: bool = False  # 2.3: the child of a configurable line repeats its parent's price
    empty_lists: bool = False  # 2.1: `extension_attributes: []` where nothing is in it
    repeat_last_page: bool = False  # 2.3: a page beyond the last repeats the last
    input_limit: int | None = None  # webapi/validation/maximum_page_size, once limits are enabled
    default_page_size: int | None = None  # webapi/validation/default_page_size, with the limit
    gzip: bool = True  # compresses for those who accept it

    # --- in front of the shop, or the shop down ---
    maintenance: bool = False
    gateway_status: int | None = None  # 502, or 504
    error_page: bool = False  # 500 with a page of HTML
    login_wall: bool = False
    redirect_to: str = ""  # an address elsewhere, to which each request is sent
    rate_limited: int = 0  # refuse so many requests with 429
    retry_after: int | None = None  # seconds named with them
    failing: int = 0  # refuse so many requests with 503

    without_rewrites: bool = False  # the web server leads nothing but index.php to Magento

    # --- clocks and proxies ---
    clock_offset: int = 0  # seconds the shop's clock is ahead of the true time
    scheme_hidden: bool = False  # https ends at a proxy that does not say so
    port_dropped: bool = False  # a proxy passes the host on without its port

    # --- the answer on its way ---
    latency: float = 0.0  # seconds
    drop_after: int | None = None  # hang up after so many bytes of the body
    truncated: bool = False  # half of the JSON, sent as if it were whole
    endless: bool = False
    gzip_bomb: bool = False

    # --- lists that lie ---
    stuck_page: bool = False  # the first page, whatever is asked for
    total_offset: int = 0  # added to every total_count
    unsorted: bool = False  # ties, and lists without a sort, come in another order each time

    def spend(self, name: str) -> bool:
        """Take one from a counted failure. The shop holds its lock around this."""
        left = int(getattr(self, name))
        if left > 0:
            setattr(self, name, left - 1)
        return left > 0
