"""Error reports to Sentry, where SENTRY_DSN names one: scrubbed; no variables, bodies, cookies or people."""

from collections.abc import Mapping
from typing import Any

from kleep_portal import redaction


def start(dsn: str) -> None:
    import sentry_sdk  # half a second and 6 MB of every process, where there is no DSN

    sentry_sdk.init(
        dsn=dsn,
        before_send=scrubbed,
        before_breadcrumb=scrubbed,
        include_local_variables=False,  # a frame's variables hold what was unsealed
        max_request_body_size="never",  # forms hold what was typed
        traces_sample_rate=0.0,
    )


def scrubbed(event: Any, _hint: Mapping[str, Any]) -> Any:
    """The report with every remembered secret replaced and the headers of the request left out."""
    request = event.get("request")
    if isinstance(request, dict):
        for name in ("headers", "cookies", "data", "query_string", "env"):
            request.pop(name, None)
    return redaction.scrub_within(event)
