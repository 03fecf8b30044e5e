"""The staff's console: the pipeline, a shop's page and what is done there."""

from tests.onboarding.rules.rule import ABSENT, MOVED, Rule, staff_change, staff_page

STEERING = ("manager", "approver")
RETRYING = (*STEERING, "support")
CURSOR = {"cursor": 1}

RULES: dict[str, Rule] = {
    "pipeline": staff_page(),
    "statistics": staff_page(),
    "pipeline_bulk": staff_change(*STEERING, data={"action": "nudge"}),
    "view_save": staff_page("post", ok=MOVED),
    "view_delete": staff_page("post", ok=ABSENT, more={"view": 1}),
    "look_away": staff_page("post", ok=MOVED),
    "console_shop": staff_page(),
    "console_check": staff_change(*RETRYING),
    "console_retry": staff_change(*RETRYING, ok=ABSENT, more=CURSOR),
    "console_range": staff_change(
        *STEERING,
        ok=ABSENT,
        more=CURSOR,
        data={"since": "2026-01-01", "until": "2026-01-02"},
    ),
    "console_pause": staff_change(*STEERING),
    "console_resume": staff_change(*STEERING),
    "console_note": staff_page("post", ok=MOVED, data={"text": "called them"}),
    "console_owner": staff_change(*STEERING),
    "console_look": staff_page("post", ok=MOVED),
}
