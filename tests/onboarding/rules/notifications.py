"""Notifications: managers change them, the rest of the staff reads, everybody chooses their own e-mails."""

import uuid

from onboarding.models import Webhook
from tests.onboarding.conftest import World
from tests.onboarding.rules.rule import ABSENT, MOVED, OK, Rule, staff_change, staff_page

CHOICE = {"pace": "daily", "time_zone": "UTC"}
NONE = {"webhook": uuid.UUID(int=0)}


def _webhook(_world: World) -> uuid.UUID:
    return Webhook.objects.get_or_create(name="chat", origin="https://chat.example")[0].pk


RULES: dict[str, Rule] = {
    "notifications": staff_page(),
    "message_log": staff_page(),
    "mail_choice": staff_page("post", ok=MOVED, data=CHOICE),
    "message_again": staff_change("manager", ok=ABSENT, more={"message": 1}),
    "webhook_new": staff_change("manager", method="get", ok=OK),
    "webhook": staff_change("manager", method="get", ok=OK, more={"webhook": _webhook}),
    "webhook_test": staff_change("manager", ok=ABSENT, more=NONE),
    "webhook_secret": staff_change("manager", ok=ABSENT, more=NONE),
    "webhook_switch": staff_change("manager", data={"on": "no"}, more={"webhook": _webhook}),
    "webhook_remove": staff_change("manager", more={"webhook": _webhook}),
}
