"""Django system checks of the onboarding: what is missing on this machine."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning, register

from onboarding.browser import running


@register()
def browser(**_kwargs: Any) -> list[CheckMessage]:
    """The worker of the queue "browser" needs one; the web and the other workers do not."""
    if not running.is_installed():
        return [
            Warning(
                "No browser is installed here: a worker of the queue “browser” would let its looks wait.",
                hint="apt install chromium; pip install '.[browser]'; or name it with BROWSER_PROGRAM.",
                id="kleep.W016",
            )
        ]
    if not settings.BROWSER_SANDBOX and not settings.DEBUG:
        return [
            Warning(
                "The browser runs without its own sandbox.",
                hint="Run the worker of the queue “browser” as a user that is not root,"
                " and set BROWSER_SANDBOX=true.",
                id="kleep.W017",
            )
        ]
    return []
