"""Logs: one line per event, for people in DEBUG and as JSON elsewhere, with request and task ids, no secrets.

Secrets are scrubbed twice: in each record as it is made, for handlers that are not ours (Sentry, test
runners), and in the finished line, which also covers tracebacks and extra fields.
"""

import logging
import time
import uuid
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

import structlog
from celery import signals
from django.http import HttpRequest, HttpResponse
from structlog.contextvars import bind_contextvars, clear_contextvars, get_contextvars

from kleep_portal import redaction

logger = structlog.stdlib.get_logger("kleep_portal.request")

QUIET_ROUTES = {"healthz", "readyz", "metrics"}
METHODS = {"GET", "HEAD", "POST"}
REQUEST_ID = "request_id"
# At DEBUG these write signatures, headers or row values: whole families that are no use to us.
TALKATIVE = (
    "oauthlib",
    "requests_oauthlib",
    "urllib3",
    "django.db.backends",
    "paramiko",
    "asyncio",
)

_PROCESSORS: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
]


class ScrubbedRecord(logging.LogRecord):
    """A record that never held a secret: message, arguments and the traceback's text."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if isinstance(self.msg, dict):
            return  # structlog's event, scrubbed below
        text = _message(self)
        clean = redaction.scrub(text)
        if clean != text:
            self.msg, self.args = clean, ()
        if self.exc_info and self.exc_info[0]:
            self.exc_text = redaction.scrub(logging.Formatter().formatException(self.exc_info))


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError):
        # The caller's mistake between text and arguments: logging itself reports it, we only look inside.
        return f"{record.msg} {record.args}"


class Formatter(structlog.stdlib.ProcessorFormatter):
    def __init__(self, *, pretty: bool) -> None:
        renderer: Any = structlog.processors.JSONRenderer(sort_keys=True)
        if pretty:
            # Tracebacks without the frames' variables.
            renderer = structlog.dev.ConsoleRenderer(
                colors=False, exception_formatter=structlog.dev.plain_traceback
            )
        exceptions = [] if pretty else [structlog.processors.format_exc_info]
        super().__init__(
            foreign_pre_chain=[
                *_PROCESSORS,
                structlog.stdlib.ExtraAdder(allow=["status_code"]),
            ],
            processors=[self.remove_processors_meta, *exceptions, renderer],
        )

    def format(self, record: logging.LogRecord) -> str:
        from kleep_portal import (
            errorpage,
        )  # its Django modules cannot be imported while settings are

        # Django hands the request on with its failure: what was typed is in no memory of ours yet.
        return errorpage.scrub(super().format(record), getattr(record, "request", None))


def configuration(*, pretty: bool, level: str) -> dict[str, Any]:
    """Django's LOGGING. Everything goes to stderr: a command's stdout is its result."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"portal": {"()": "kleep_portal.logs.Formatter", "pretty": pretty}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "portal"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            **{name: {"level": "WARNING"} for name in TALKATIVE},
            # Django's own handlers would write each line a second time.
            "django": {"handlers": [], "propagate": True},
            "django.server": {"handlers": [], "propagate": True},
        },
    }


def _scrub_event(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    return {name: redaction.scrub_within(value) for name, value in event.items()}


def install() -> None:
    """Make every record of this process a scrubbed one, and structlog write through logging."""
    logging.setLogRecordFactory(ScrubbedRecord)
    structlog.configure(
        processors=[
            *_PROCESSORS,
            _scrub_event,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


class RequestLogMiddleware:
    """Names each request, in every line it logs and in its answer's X-Request-Id, and logs its end.

    The route is logged, not the path: a path may hold the token of an invitation.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        clear_contextvars()
        request_id = uuid.uuid4().hex
        bind_contextvars(**{REQUEST_ID: request_id})
        started = time.monotonic()
        try:
            response = self.get_response(request)
            route = request.resolver_match.route if request.resolver_match else ""
            seconds = time.monotonic() - started
            log = logger.debug if route in QUIET_ROUTES else logger.info
            log(
                "request",
                method=request.method,
                route=route,
                status=response.status_code,
                milliseconds=round(seconds * 1000),
            )
            _measure(request, route, response.status_code, seconds)
        finally:
            clear_contextvars()
        response["X-Request-Id"] = request_id
        return response


def _measure(request: HttpRequest, route: str, status: int, seconds: float) -> None:
    from kleep_portal import metrics  # its folder is named by the settings, which load this module

    method = request.method if request.method in METHODS else "other"
    try:
        metrics.observe_request(
            method=method or "other", route=route, status=status, seconds=seconds
        )
    except OSError:  # a full disk must not cost anybody their page
        logger.warning("request not measured", exc_info=True)


# --- Celery ---


def bind_celery() -> None:
    """Keep Celery's hands off the configuration above, and name each task in the lines it logs."""
    signals.setup_logging.connect(_leave_logging_alone)
    signals.before_task_publish.connect(_send_request_id)
    signals.task_prerun.connect(_name_task)
    signals.task_postrun.connect(_forget_task)


def _leave_logging_alone(**_kwargs: Any) -> None:
    """Celery configures logging itself unless somebody listens here; LOGGING already did."""


def _send_request_id(headers: dict[str, Any] | None = None, **_kwargs: Any) -> None:
    if headers is not None and (request_id := get_contextvars().get(REQUEST_ID)):
        headers[REQUEST_ID] = request_id


def _name_task(task_id: str, task: Any, **_kwargs: Any) -> None:
    clear_contextvars()
    bind_contextvars(task_id=task_id, task=task.name)
    if request_id := getattr(task.request, REQUEST_ID, None):
        bind_contextvars(**{REQUEST_ID: request_id})


def _forget_task(**_kwargs: Any) -> None:
    clear_contextvars()
