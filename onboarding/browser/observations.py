"""What a run asks for and what it saw: plain data that crosses between the worker and the browser."""

from msgspec import Struct, field

DESKTOP, MOBILE = "desktop", "mobile"


class Job(Struct, frozen=True, kw_only=True):
    """One page to look at. Its password goes through a pipe, never onto a command line or into a file."""

    url: str
    button_id: str
    hosts: tuple[str, ...]  # Kleep's, as they stand in a URL: host or host:port
    drawer_host: str
    # Names under which the drawer's address says what it is for.
    retailer_argument: str = "domain"
    product_argument: str = "product_id"
    variant_argument: str = "variantId"
    storage_prefix: str = "kleep"
    retailer: str = ""  # the drawer must open for this one
    # Consent tools by name and the button that accepts in each, the shop's own first.
    accept_buttons: dict[str, str] = field(default_factory=dict)
    user: str = ""
    password: str = ""
    language: str = "en"
    screens: tuple[str, ...] = (DESKTOP, MOBILE)
    is_timed: bool = True  # two loads more, to compare
    program: str
    sandboxed: bool
    patience: float  # seconds for the button, and again for the drawer
    opening: float = 20.0  # seconds until the page's HTML is there
    max_bytes: int
    max_requests: int
    allow_loopback: bool = False
    ports: tuple[int, ...] = ()  # opened beside 80 and 443; of loopback, these alone


class PrintJob(Struct, frozen=True, kw_only=True):
    """A document of our own to print."""

    html: str
    program: str
    sandboxed: bool


class Said(Struct, frozen=True, kw_only=True):
    """A line of the console. `url`: the script it came from."""

    level: str
    text: str
    url: str = ""


class Failed(Struct, frozen=True, kw_only=True):
    """A request without an answer, or with a refusal: its address without the query."""

    url: str
    reason: str
    kind: str = ""


class Violation(Struct, frozen=True, kw_only=True):
    """Something that a Content-Security-Policy stopped."""

    directive: str
    blocked: str  # URL; blank for inline code
    is_ours: bool
    report_only: bool = False


class Fault(Struct, frozen=True, kw_only=True):
    """An exception that no script caught."""

    text: str
    urls: tuple[str, ...] = ()  # the scripts on its stack


class Button(Struct, frozen=True, kw_only=True):
    """The button as it is on the page, in CSS pixels."""

    count: int
    is_rendered: bool
    hidden_by: str = ""
    width: float = 0
    height: float = 0
    is_within_view: bool = True
    covered_by: str = ""
    covered_share: float = 0
    contrast: float | None = None  # None: an image lies behind, or it has no text
    text: str = ""
    look: str = ""  # what a person signs for: colours, font, place; part of the fingerprint
    after_ms: int | None = None


class Drawer(Struct, frozen=True, kw_only=True):
    """The iframe that the click brings."""

    opened: bool
    status: int | None = None
    failure: str = ""
    width: float = 0
    height: float = 0
    product: str = ""
    variant: str = ""
    domain: str = ""
    after_ms: int | None = None
    left_page: str = ""  # where the click led instead


class Choice(Struct, frozen=True, kw_only=True):
    """The size that was chosen before the click."""

    found: bool
    value: str = ""
    options: int = 0


class Timing(Struct, frozen=True, kw_only=True):
    """The page's load event with Kleep's hosts and without them, in milliseconds."""

    with_widget: int | None = None
    without_widget: int | None = None

    @property
    def added(self) -> int | None:
        if self.with_widget is None or self.without_widget is None:
            return None
        return max(0, self.with_widget - self.without_widget)


class View(Struct, kw_only=True):
    """The page on one kind of screen."""

    name: str
    stage: str = "opening"
    status: int | None = None
    failure: str = ""
    final_url: str = ""
    title: str = ""
    load_ms: int | None = None
    requests_before: list[str] = field(default_factory=list)
    storage_before: list[str] = field(default_factory=list)
    consent: str = ""  # the tool whose button was pressed; blank: none was seen
    loads_script: bool = False
    button: Button | None = None
    choice: Choice | None = None
    drawer: Drawer | None = None
    console: list[Said] = field(default_factory=list)
    failed: list[Failed] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    violations: list[Violation] = field(default_factory=list)
    downloads: int = 0
    popups: int = 0
    dialogs: int = 0
    crashed: bool = False
    pictures: list[str] = field(default_factory=list)


class Refusal(Struct, frozen=True, kw_only=True):
    """A connection that the door did not open."""

    host: str
    code: str


class Observed(Struct, kw_only=True):
    """Everything a run saw; `stopped` names the limit that ended it."""

    views: list[View] = field(default_factory=list)
    timing: Timing = field(default_factory=Timing)
    refusals: list[Refusal] = field(default_factory=list)
    snippet: str = ""  # hash of the inline scripts that name Kleep
    policy: str = ""  # the page's own Content-Security-Policy
    stopped: str = ""
    error: str = ""
    bytes: int = 0
    requests: int = 0
    seconds: float = 0
    peak_memory: int = 0
    browser: str = ""
