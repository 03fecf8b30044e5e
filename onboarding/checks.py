"""Django system checks of the onboarding: what is missing on this machine for looks at product pages."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from kleep_portal.checks import OURS
from onboarding.browser import running

STORING_SECONDS = 60  # for the pictures, after the look itself


@register(OURS)
def browser(**_kwargs: Any) -> list[CheckMessage]:
    return list(_browser())


def _browser() -> Iterator[CheckMessage]:
    """Only the worker of the queue "browser" needs one; the web and the other workers do not."""
    is_short = settings.CELERY_TASK_TIME_LIMIT <= settings.BROWSER_SECONDS + STORING_SECONDS
    if is_short and not settings.DEBUG:  # with DEBUG on somebody tries how tasks are killed
        yield Error(
            "A look at a product page may take as long as a task: it would be killed and never told.",
            hint="Lower BROWSER_SECONDS or raise CELERY_TASK_TIME_LIMIT.",
            id="kleep.E018",
        )
    if not running.is_installed():
        yield Warning(
            "No browser is installed here: a worker of the queue “browser” would let its looks wait.",
            hint="apt install chromium-headless-shell; pip install '.[browser]'; or BROWSER_PROGRAM.",
            id="kleep.W019",
        )
    elif not settings.BROWSER_SANDBOX and not settings.DEBUG:
        yield Warning(
            "The browser runs without its own sandbox.",
            hint="Run the worker of the queue “browser” as a user that is not root, and set"
            " BROWSER_SANDBOX=true.",
            id="kleep.W020",
        )
