"""What the machine proves of a page, one line for each thing, and why a line is as it is."""

from enum import StrEnum
from typing import Any

from msgspec import Struct, field


class Item(StrEnum):
    """What the machine proves, in the order of a visit."""

    PAGE = "page"
    CONSENT = "consent"
    POLICY = "policy"
    SCRIPT = "script"
    CORS = "cors"
    BUTTON = "button"
    DRAWER = "drawer"
    VARIANT = "variant"
    SPEED = "speed"


class Status(StrEnum):
    PASSED = "passed"
    WARNING = "warning"  # said, and in nobody's way
    FAILED = "failed"
    NOT_TESTED = "not_tested"


class Finding(Struct, frozen=True, kw_only=True):
    """One reason, on one screen or on both (blank)."""

    code: str
    params: dict[str, Any] = field(default_factory=dict)
    screen: str = ""


class Line(Struct, frozen=True, kw_only=True):
    item: Item
    status: Status
    findings: tuple[Finding, ...] = ()
