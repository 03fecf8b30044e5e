"""The button on the product pages."""

from tests.onboarding.rules.rule import ABSENT, MOVED, OK, Rule, shop_task, shop_task_page

RULES: dict[str, Rule] = {
    "widget": shop_task_page("widget"),
    "widget_found": shop_task_page("widget"),
    "widget_pages": shop_task("widget", ok=OK),  # nothing was filled in
    "widget_look": shop_task("widget", ok=MOVED),
    "widget_password": shop_task("widget", ok=OK),  # nothing was filled in
    "widget_settings": shop_task("widget", "get"),
    "widget_install": shop_task_page("widget"),
    # Nothing to download before the button was chosen.
    "widget_module": shop_task_page("widget", ok=ABSENT),
    "widget_tag": shop_task_page("widget", ok=ABSENT),
}
