"""The system checks about the browser."""

from typing import Any

import pytest

from onboarding import checks
from tests.parts import CHROMIUM


def ids() -> list[str | None]:
    return [found.id for found in checks.browser()]


def test_a_missing_browser_is_a_warning_that_says_how_to_install_it(settings: Any) -> None:
    settings.BROWSER_PROGRAM = "no-such-browser"
    (found,) = checks.browser()
    assert found.id == "kleep.W019"
    assert "apt install chromium" in str(found.hint)


@pytest.mark.browser
@pytest.mark.parametrize(
    ("debug", "sandbox", "expected"),
    [(True, False, []), (False, True, []), (False, False, ["kleep.W020"])],
)
def test_a_browser_without_its_sandbox_is_a_warning_in_production(
    settings: Any, debug: bool, sandbox: bool, expected: list[str]
) -> None:
    settings.BROWSER_PROGRAM = CHROMIUM.program
    settings.DEBUG, settings.BROWSER_SANDBOX = debug, sandbox
    assert ids() == expected


def test_a_look_must_end_before_its_task_is_killed(settings: Any) -> None:
    settings.BROWSER_SECONDS = settings.CELERY_TASK_TIME_LIMIT - 30.0
    assert ids()[0] == "kleep.E018"
