"""A shop's own page, and the access to its data: credentials, check, pull, what arrived."""

from tests.onboarding.rules.rule import (
    ABSENT,
    MOVED,
    Rule,
    shop_change,
    shop_page,
    shop_task,
    shop_task_page,
)

RULES: dict[str, Rule] = {
    "shop": shop_page(),
    "history": shop_page(),
    # The shop is connected: its platform stays, and the page leads to the access.
    "platform": shop_task("access", "get", ok=MOVED),
    "access": shop_task("access", "get"),
    "access_hints": shop_task("access"),
    "access_compare": shop_change(),
    "access_share": shop_change("get", ok=ABSENT),  # no other shop is connected
    "check": shop_task_page("access"),
    "check_lines": shop_task_page("access"),
    "check_start": shop_task("access", ok=MOVED),
    "check_again": shop_task("access", ok=MOVED, more={"resource": "orders"}),
    "pull": shop_page(),
    "pull_progress": shop_page(),
    "pull_start": shop_change(ok=MOVED),
    "data": shop_page(),
    "export": shop_page("post"),
    "configuration": shop_change("get"),
    "dimensions": shop_change("get"),
    "dimensions_template": shop_change("get"),
    "readiness": shop_page(),
    "readiness_json": shop_page(),
}
