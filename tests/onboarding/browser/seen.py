"""What a run sees of a page where everything is right, to be spoilt in one place by a test."""

from typing import Any

import msgspec

from onboarding.browser.observations import (
    Button,
    Choice,
    Drawer,
    Job,
    Observed,
    Said,
    Timing,
    View,
)

RETAILER = "11111111-1111-4111-8111-111111111111"
JOB = Job(
    url="https://shop.example/dress",
    button_id="kleep-size-button",
    hosts=("cdn.kleep.ai", "api.kleep.ai", "drawer.kleep.ai"),
    drawer_host="drawer.kleep.ai",
    retailer=RETAILER,
    program="chromium",
    sandboxed=True,
    patience=8,
    max_bytes=1,
    max_requests=1,
)
BUTTON = Button(
    count=1, is_rendered=True, width=120, height=40, contrast=21.0, look="white", after_ms=300
)
DRAWER = Drawer(
    opened=True,
    status=200,
    width=400,
    height=800,
    product="12",
    variant="121",
    domain=RETAILER,
    after_ms=200,
)


def view(name: str = "desktop", **spoilt: Any) -> View:
    drawer = msgspec.structs.replace(DRAWER, variant="121" if name == "desktop" else "122")
    fine: dict[str, Any] = {
        "name": name,
        "stage": "done",
        "status": 200,
        "final_url": JOB.url,
        "consent": "OneTrust",
        "loads_script": True,
        "button": BUTTON,
        "choice": Choice(found=True, value=drawer.variant, options=3),
        "drawer": drawer,
    }
    return View(**{**fine, **spoilt})


def observed(*views: View, **spoilt: Any) -> Observed:
    """Both screens, unless others are given."""
    fine: dict[str, Any] = {"timing": Timing(with_widget=500, without_widget=400)}
    return Observed(views=list(views) or [view(), view("mobile")], **{**fine, **spoilt})


def both(**spoilt: Any) -> Observed:
    return observed(view(**spoilt), view("mobile", **spoilt))


def error(text: str, url: str = "") -> Said:
    return Said(level="error", text=text, url=url)
