"""The rules, one cause at a time: the right line fails with the right reason, and no other line does."""

from typing import Any

import pytest
from django.utils import translation
from msgspec.structs import replace

from onboarding.browser import sentences, verdicts
from onboarding.browser.lines import Item, Status
from onboarding.browser.observations import (
    Choice,
    Drawer,
    Failed,
    Fault,
    Observed,
    Refusal,
    Timing,
    Violation,
)
from tests.onboarding.browser.seen import BUTTON, DRAWER, JOB, both, error, observed, view

CORS = (
    "Access to fetch at '{url}' from origin 'https://shop.example' has been blocked by CORS policy:"
    " {reason}"
)
NO_HEADER = "No 'Access-Control-Allow-Origin' header is present on the requested resource."


def found(seen: Observed) -> dict[str, list[str]]:
    """What is said of each line that is not as it should be: item -> codes."""
    return {
        str(line.item): [finding.code for finding in line.findings]
        for line in verdicts.lines(seen, JOB)
        if line.status in (Status.FAILED, Status.WARNING)
    }


def statuses(seen: Observed) -> dict[Item, Status]:
    return {line.item: line.status for line in verdicts.lines(seen, JOB)}


def test_a_good_page_passes_every_line() -> None:
    assert statuses(observed()) == dict.fromkeys(Item, Status.PASSED)


CAUSES: dict[str, tuple[Observed, dict[str, list[str]]]] = {
    "asked before consent": (
        both(requests_before=["https://cdn.kleep.ai/kleep.js"]),
        {"consent": ["consent_requests"]},
    ),
    "stored before consent": (
        both(storage_before=["localStorage: kleep_uid"]),
        {"consent": ["consent_storage"]},
    ),
    "policy blocks the script": (
        both(
            button=None,
            drawer=None,
            loads_script=False,
            violations=[
                Violation(
                    directive="script-src-elem",
                    blocked="https://cdn.kleep.ai/kleep.js",
                    is_ours=True,
                )
            ],
        ),
        {"policy": ["policy_blocks"]},
    ),
    "policy blocks the snippet": (
        both(
            button=None,
            drawer=None,
            loads_script=False,
            violations=[Violation(directive="script-src-elem", blocked="", is_ours=True)],
        ),
        {"policy": ["policy_inline"]},
    ),
    "policy blocks the drawer": (
        both(
            drawer=replace(DRAWER, status=None, failure="refused"),
            violations=[
                Violation(directive="frame-src", blocked="https://drawer.kleep.ai/", is_ours=True)
            ],
        ),
        {"policy": ["policy_blocks"]},
    ),
    "policy only reports": (
        both(
            violations=[
                Violation(
                    directive="script-src-elem",
                    blocked="https://cdn.kleep.ai/kleep.js",
                    is_ours=True,
                    report_only=True,
                )
            ]
        ),
        {},
    ),
    "policy blocks another vendor": (
        both(
            violations=[
                Violation(directive="img-src", blocked="https://ads.example/", is_ours=False)
            ]
        ),
        {},
    ),
    "script is not there": (
        both(
            button=None,
            drawer=None,
            failed=[Failed(url="https://cdn.kleep.ai/kleep.js", reason="HTTP 404", kind="script")],
        ),
        {"script": ["script_missing"]},
    ),
    "script fails": (
        both(
            button=None,
            drawer=None,
            faults=[Fault(text="x is not a function", urls=("https://cdn.kleep.ai/kleep.js",))],
        ),
        {"script": ["script_error"]},
    ),
    "another vendor's script fails": (
        both(faults=[Fault(text="x is not a function", urls=("https://ads.example/a.js",))]),
        {},
    ),
    "favicon is missing": (
        both(
            console=[error("Failed to load resource: 404", "https://shop.example/favicon.ico")],
            failed=[Failed(url="https://shop.example/favicon.ico", reason="HTTP 404")],
        ),
        {},
    ),
    "Kleep's API refuses the site": (
        both(
            console=[
                error(CORS.format(url="https://api.kleep.ai/x", reason=NO_HEADER)),
                error(CORS.format(url="https://api.kleep.ai/y", reason=NO_HEADER)),
            ]
        ),
        {"cors": ["cors"]},
    ),
    "another vendor's API refuses the site": (
        both(console=[error(CORS.format(url="https://ads.example/x", reason=NO_HEADER))]),
        {},
    ),
    "snippet is not there": (
        both(button=None, drawer=None, loads_script=False),
        {"button": ["button_not_loaded"]},
    ),
    "no consent tool": (
        both(button=None, drawer=None, loads_script=False, consent=""),
        {"button": ["button_no_consent"]},
    ),
    "no button": (both(button=None, drawer=None), {"button": ["button_missing"]}),
    "button hidden": (
        both(
            button=replace(BUTTON, is_rendered=False, hidden_by="display: none (main)"),
            drawer=None,
        ),
        {"button": ["button_hidden"]},
    ),
    "button switched off": (
        both(button=replace(BUTTON, is_rendered=False, hidden_by="hidden"), drawer=None),
        {"button": ["button_switched_off"]},
    ),
    "button small": (both(button=replace(BUTTON, height=23.4)), {"button": ["button_small"]}),
    "button outside": (
        both(button=replace(BUTTON, is_within_view=False)),
        {"button": ["button_outside"]},
    ),
    "button covered": (
        both(
            button=replace(BUTTON, covered_by="div.bar", covered_share=1.0),
            drawer=Drawer(opened=False, failure="click"),
        ),
        {"button": ["button_covered"]},
    ),
    "button unreadable": (
        both(button=replace(BUTTON, contrast=1.5)),
        {"button": ["button_contrast"]},
    ),
    "button hardly readable": (
        both(button=replace(BUTTON, contrast=4.4)),
        {"button": ["button_contrast"]},
    ),
    "click not taken": (
        both(drawer=Drawer(opened=False, failure="click")),
        {"drawer": ["drawer_click"]},
    ),
    "drawer stays closed": (both(drawer=Drawer(opened=False)), {"drawer": ["drawer_closed"]}),
    "click leads away": (
        both(drawer=Drawer(opened=False, left_page="https://shop.example/cart")),
        {"drawer": ["drawer_left"]},
    ),
    "drawer fails": (both(drawer=replace(DRAWER, status=500)), {"drawer": ["drawer_status"]}),
    "drawer may not be framed": (
        both(drawer=replace(DRAWER, failure="refused")),
        {"drawer": ["drawer_refused"]},
    ),
    "drawer small": (both(drawer=replace(DRAWER, width=90)), {"drawer": ["drawer_small"]}),
    "drawer of another shop": (
        both(drawer=replace(DRAWER, domain="other")),
        {"drawer": ["drawer_other_shop"]},
    ),
    "no product": (
        both(drawer=replace(DRAWER, product="")),
        {"variant": ["variant_no_product"]},
    ),
    "size not passed on": (
        both(drawer=replace(DRAWER, variant="")),
        {"variant": ["variant_missing"]},
    ),
    "the same for two sizes": (
        observed(
            view(choice=Choice(found=True, value="S", options=2), drawer=DRAWER),
            view("mobile", choice=Choice(found=True, value="M", options=2), drawer=DRAWER),
        ),
        {"variant": ["variant_same"]},
    ),
    "no sizes to choose": (
        both(choice=Choice(found=False)),
        {"variant": ["variant_unseen"]},
    ),
    "button late": (both(button=replace(BUTTON, after_ms=6_000)), {"speed": ["speed_late"]}),
    "page slower": (
        observed(timing=Timing(with_widget=3_000, without_widget=900)),
        {"speed": ["speed_added"]},
    ),
    "page not found": (both(status=404, button=None), {"page": ["page_status"]}),
    "behind a password": (both(status=401, button=None), {"page": ["page_password"]}),
    "page never answers": (
        both(status=None, failure="timeout", button=None),
        {"page": ["page_timeout"]},
    ),
    "page crashes": (both(crashed=True), {"page": ["page_crashed"]}),
}


@pytest.mark.parametrize(("seen", "expected"), CAUSES.values(), ids=list(CAUSES))
def test_one_cause_fails_one_line(seen: Observed, expected: dict[str, list[str]]) -> None:
    assert found(seen) == expected


@pytest.mark.parametrize("seen", [seen for seen, _expected in CAUSES.values()], ids=list(CAUSES))
def test_every_reason_is_a_whole_sentence(seen: Observed) -> None:
    for line in verdicts.lines(seen, JOB):
        assert sentences.title(line.item)
        for finding in line.findings:
            said = sentences.sentence(finding)
            assert "%(" not in said
            assert said.endswith((".", ";", ")"))


def test_what_comes_after_a_cause_is_not_tested_and_says_after_what() -> None:
    seen, _expected = CAUSES["policy blocks the script"]
    lines = {line.item: line for line in verdicts.lines(seen, JOB)}
    assert [
        (lines[item].status, lines[item].findings[0].code) for item in (Item.BUTTON, Item.DRAWER)
    ] == [(Status.NOT_TESTED, "after_policy")] * 2
    assert lines[Item.VARIANT].findings[0].code == "after_drawer"
    assert lines[Item.CONSENT].status is Status.PASSED


def test_nothing_is_proven_of_a_page_that_did_not_open() -> None:
    known = statuses(both(status=None, failure="ERR_TUNNEL_CONNECTION_FAILED", button=None))
    assert known.pop(Item.PAGE) is Status.FAILED
    assert set(known.values()) == {Status.NOT_TESTED}


def test_a_reason_on_one_screen_names_the_screen() -> None:
    seen = observed(view(), view("mobile", button=replace(BUTTON, is_within_view=False)))
    (finding,) = next(
        line for line in verdicts.lines(seen, JOB) if line.item is Item.BUTTON
    ).findings
    assert finding.screen == "mobile"
    assert sentences.sentence(finding).startswith("On a telephone: The button lies outside")
    with translation.override("fr"):
        assert sentences.sentence(finding).startswith("Sur un téléphone\N{NO-BREAK SPACE}: ")


def test_a_private_address_is_named() -> None:
    refusal = Refusal(host="169.254.169.254:80", code="private_address")
    seen = both(status=None, failure="ERR_EMPTY_RESPONSE", button=None)
    seen.refusals = [refusal]
    (line, *_rest) = verdicts.lines(seen, JOB)
    assert [finding.code for finding in line.findings] == ["page_private"]
    assert "169.254.169.254:80" in sentences.sentence(line.findings[0])


@pytest.mark.parametrize("limit", ["time", "memory", "bytes", "requests", "windows"])
def test_a_run_that_was_ended_fails_with_its_limit(limit: str) -> None:
    seen = observed(view(stage="consent", button=None, drawer=None), stopped=limit)
    first = verdicts.lines(seen, JOB)[0]
    assert (first.item, first.status) == (Item.PAGE, Status.FAILED)
    assert [finding.code for finding in first.findings] == [f"stopped_{limit}"]


@pytest.mark.parametrize(
    ("reason", "header"),
    [
        (NO_HEADER, "Access-Control-Allow-Origin"),
        (
            "Request header field x-kleep is not allowed by Access-Control-Allow-Headers in preflight.",
            "Access-Control-Allow-Headers",
        ),
        (
            "Method PUT is not allowed by Access-Control-Allow-Methods in preflight response.",
            "Access-Control-Allow-Methods",
        ),
        (
            "The value of the 'Access-Control-Allow-Credentials' header in the response is ''.",
            "Access-Control-Allow-Credentials",
        ),
    ],
)
def test_cors_says_which_header_on_which_host(reason: str, header: str) -> None:
    seen = both(console=[error(CORS.format(url="https://api.kleep.ai/x", reason=reason))])
    line = next(line for line in verdicts.lines(seen, JOB) if line.item is Item.CORS)
    expected: dict[str, Any] = {
        "host": "api.kleep.ai",
        "header": header,
        "origin": "https://shop.example",
    }
    assert [finding.params for finding in line.findings] == [expected]
