"""What Sentry would get: no secret, nothing that was typed, nobody's session."""

import json
from typing import Any

import pytest
import sentry_sdk
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from kleep_portal import redaction, reports

SECRET = "planted-5f1c-secret-value"


class Kept(Transport):
    """Keeps what would be sent."""

    sent: list[str] = []

    def capture_envelope(self, envelope: Envelope) -> None:
        for item in envelope.items:
            self.sent.append(json.dumps(item.payload.json or "", default=str))


@pytest.fixture
def sentry(monkeypatch: pytest.MonkeyPatch) -> Any:
    redaction.remember(SECRET)
    Kept.sent.clear()
    init = sentry_sdk.init
    monkeypatch.setattr(
        sentry_sdk,
        "init",
        lambda **given: init(**given, transport=Kept, default_integrations=False),
    )
    with sentry_sdk.isolation_scope():
        reports.start("https://key@sentry.example.com/1")
        yield Kept.sent
    sentry_sdk.get_client().close()
    init(dsn=None)


def test_a_report_holds_no_secret_and_no_variable(sentry: list[str]) -> None:
    password = SECRET + "-typed"
    try:
        raise ValueError(f"the shop refused {SECRET}")
    except ValueError as error:
        sentry_sdk.add_breadcrumb(message=f"sent {SECRET}", data={"token": SECRET})
        sentry_sdk.capture_exception(error)
    assert len(sentry) == 1
    assert "the shop refused [secret]" in sentry[0]
    assert SECRET not in sentry[0]
    assert password not in sentry[0]
    assert '"vars"' not in sentry[0]


def test_of_a_request_only_its_address_and_method_are_reported() -> None:
    request = {
        "url": "https://portal.example/shops/paris/access",
        "method": "POST",
        "headers": {"Cookie": "sessionid=abc"},
        "cookies": {"sessionid": "abc"},
        "data": {"consumer_secret": SECRET},
        "query_string": "token=abc",
        "env": {"REMOTE_ADDR": "203.0.113.7"},
    }
    event = reports.scrubbed({"request": request, "extra": {"list": [SECRET]}}, {})
    assert event["request"] == {
        "url": "https://portal.example/shops/paris/access",
        "method": "POST",
    }
    assert event["extra"] == {"list": [redaction.MARK]}
