"""The staff's console: the pipeline, a shop's page and what is done there."""

from django.utils import timezone

from onboarding.models import Erasure
from tests.onboarding.conftest import World
from tests.onboarding.rules.rule import ABSENT, MOVED, OK, Rule, staff_change, staff_page

STEERING = ("manager", "approver")
RETRYING = (*STEERING, "support")
CURSOR = {"cursor": 1}
COMPANY = {"merchant": lambda world: world.merchant.pk}


def _erasure(world: World) -> int:
    return Erasure.objects.get_or_create(
        kind="shop", subject="gone", defaults={"finished_at": timezone.now()}
    )[0].pk


def _managers(**more: object) -> Rule:
    return staff_change("manager", method="get", ok=OK, more=more)


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
    "console_range": staff_change(*STEERING, method="get", ok=OK),
    "console_history": staff_page(),
    "console_plots": staff_page(),
    "console_release": staff_change(*STEERING, ok=ABSENT, more={"run": 1}),
    "erase_shop": _managers(),
    "erase_merchant": _managers(**COMPANY),
    "erase_shopper": _managers(**COMPANY),
    "erasures": _managers(),
    "erasure": _managers(erasure=_erasure),
    "erasure_progress": _managers(erasure=_erasure),
    "erasure_report": _managers(erasure=_erasure),
    "console_pause": staff_change(*STEERING),
    "console_resume": staff_change(*STEERING),
    "console_note": staff_page("post", ok=MOVED, data={"text": "called them"}),
    "console_owner": staff_change(*STEERING),
    "console_look": staff_page("post", ok=MOVED),
}
