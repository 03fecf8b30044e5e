"""Error reports, the DEBUG page above all, without secrets: not in variables, forms, settings or headers."""

import re
from collections.abc import ItemsView, Iterator
from types import FrameType
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, QueryDict
from django.http.request import RawPostDataException
from django.utils.safestring import SafeString
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

from kleep_portal import redaction

LONG_WORD = 12  # of a pasted block each word this long is blanked out by itself
_WORD = re.compile(rf"[^\s\"',;:={{}}]{{{LONG_WORD},}}")


class ReportFilter(SafeExceptionReporterFilter):
    """Hides by name, in DEBUG too: Django's own filter is only active without it."""

    hidden_settings = re.compile(
        "API|AUTH|TOKEN|KEY|SECRET|PASS|SIGNATURE|COOKIE|CREDENTIAL|SEALED|CONSUMER"
        "|_URL$|DSN|LOCATION|ENCRYPTION",
        flags=re.IGNORECASE,
    )

    def is_active(self, request: HttpRequest | None) -> bool:
        return True

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        """The names of the fields. Forms of this portal take passwords and shops' credentials."""
        return dict.fromkeys(_post(request), self.cleansed_substitute)

    def get_safe_cookies(self, request: HttpRequest) -> dict[str, Any]:
        return dict.fromkeys(request.COOKIES, self.cleansed_substitute)

    def get_traceback_frame_variables(
        self, request: HttpRequest | None, tb_frame: FrameType
    ) -> ItemsView[str, Any]:
        found = super().get_traceback_frame_variables(request, tb_frame)
        return {name: self.cleanse_setting(name, value) for name, value in found}.items()


class Reporter(ExceptionReporter):
    """Scrubs the finished report of every known secret and of whatever this request brought along."""

    def get_traceback_html(self) -> SafeString:
        return self._scrubbed(super().get_traceback_html())

    def get_traceback_text(self) -> SafeString:
        return self._scrubbed(super().get_traceback_text())

    def _scrubbed(self, report: str) -> SafeString:
        return SafeString(scrub(report, self.request))


def scrub(text: str, request: HttpRequest | None) -> str:
    """The text without known secrets and without whatever came with this request, known or not."""
    if request is not None:
        text = redaction.Redactor(*_brought(request)).scrub(text)
    return redaction.scrub(text)


def _post(request: HttpRequest | None) -> QueryDict:
    try:
        return request.POST if request is not None else QueryDict()
    except (OSError, RawPostDataException, SuspiciousOperation):
        return QueryDict()  # a body that cannot be read, which may be what the report is about


def _brought(request: HttpRequest) -> Iterator[str]:
    yield from request.COOKIES.values()
    yield request.headers.get("Cookie", "")
    yield request.headers.get("Authorization", "")
    for _name, values in _post(request).lists():
        for value in map(str, values):
            yield value
            yield from _WORD.findall(value)
