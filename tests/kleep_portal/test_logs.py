"""What is logged carries request and task ids, and never a secret."""

import json
import logging
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

import pytest
import structlog
from celery import signals
from celery.app.base import Celery
from celery.contrib.testing.worker import start_worker
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import path
from requests_oauthlib import OAuth1

from connectors.http import Door
from kleep_portal import logs, redaction
from kleep_portal.celery import app
from tests.connectors.wire import ok, serving

SECRET = "planted-s3cr3t-value"

urlpatterns = [path("shops/<slug:token>/", lambda request, token: HttpResponse(status=204))]


@pytest.fixture(autouse=True)
def known_secret() -> None:
    redaction.remember(SECRET)


@pytest.fixture(params=[True, False], ids=["pretty", "json"])
def lines(request: pytest.FixtureRequest) -> Iterator[StringIO]:
    """Everything logged at DEBUG or above, as our handler writes it."""
    with listening(logging.getLogger(), pretty=request.param) as stream:
        yield stream


@contextmanager
def listening(logger: logging.Logger, *, pretty: bool) -> Iterator[StringIO]:
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.Formatter(pretty=pretty))
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield stream
    logger.setLevel(level)
    logger.removeHandler(handler)


class Unprintable:
    def __repr__(self) -> str:
        return f"<{SECRET}>"


def test_message_arguments_extra_and_structured_values_are_scrubbed(lines: StringIO) -> None:
    log = logging.getLogger("shop")
    log.info(f"as text {SECRET}")  # noqa: G004 (callers do that)
    log.info("as argument %s, %r", SECRET, {"token": SECRET})
    log.info("as mapping %(token)s", {"token": SECRET})
    log.info("as object %s", Unprintable())
    log.info("as extra", extra={"status_code": SECRET})
    log.info(Unprintable())
    structlog.get_logger("shop").info("structured", token=SECRET, nested={"a": [SECRET]})
    structlog.get_logger("shop").info("percent %s", SECRET)
    assert SECRET not in lines.getvalue()
    assert lines.getvalue().count(redaction.MARK) >= 9
    assert "as argument" in lines.getvalue()


def test_tracebacks_are_scrubbed_with_their_causes(lines: StringIO) -> None:
    log = logging.getLogger("shop")
    for report in (log.exception, structlog.get_logger("shop").exception):
        try:
            try:
                raise KeyError(SECRET)
            except KeyError as error:
                local = SECRET  # frames' variables are not written
                raise ValueError(f"https://x/?token={local}") from error
        except ValueError:
            report("it failed")
    try:
        raise KeyError(SECRET)
    except KeyError:
        structlog.get_logger("shop").error("handed on", exc_info=sys.exc_info())
    log.info("with a stack", stack_info=True)
    assert SECRET not in lines.getvalue()
    assert lines.getvalue().count("KeyError: ") == 3
    assert lines.getvalue().count("ValueError: ") == 2


def test_handlers_that_are_not_ours_get_scrubbed_records_too(
    caplog: pytest.LogCaptureFixture,
) -> None:
    log = logging.getLogger("shop")
    log.warning("argument %s", SECRET)
    structlog.get_logger("shop").warning("structured", token=SECRET, parts=[{"a": SECRET}])
    try:
        raise ValueError(SECRET)
    except ValueError:
        log.exception("oops %s", SECRET)
    assert SECRET not in caplog.text
    said = [record.getMessage() for record in caplog.records]
    assert (said[0], said[2]) == ("argument [secret]", "oops [secret]")
    assert "'token': '[secret]'" in said[1]


def test_a_wrong_argument_count_is_still_only_loggings_own_complaint(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging, "raiseExceptions", False)
    logging.getLogger("shop").info("two %s %s", SECRET)
    assert SECRET not in capsys.readouterr().err


def test_signing_at_debug_level_leaks_neither_keys_nor_signatures(lines: StringIO) -> None:
    keys = {name: f"{name}-{'0123456789abcdef' * 2}" for name in ("ck", "cs", "at", "ats")}
    redaction.remember(*keys.values())
    loggers = [logging.getLogger(name) for name in logs.TALKATIVE]
    levels = [logger.level for logger in loggers]
    auth = OAuth1(*keys.values(), signature_method="HMAC-SHA256")
    try:
        for logger in loggers:
            logger.setLevel(logging.DEBUG)
        with serving(ok()) as wire, Door(auth) as door:
            door.request("GET", f"http://127.0.0.1:{wire.port}/rest/V1/modules")
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
    header = dict(
        part.split("=", 1)
        for part in wire.header("Authorization").removeprefix("OAuth ").replace('"', "").split(", ")
    )
    written = lines.getvalue()
    assert "oauth_signature_method" in written
    for value in (*keys.values(), header["oauth_signature"], header["oauth_nonce"]):
        assert value not in written
        assert value[:12] not in written


def test_by_default_the_talkative_are_quiet_at_debug_level(lines: StringIO) -> None:
    for name in logs.TALKATIVE:
        logging.getLogger(name).debug("a row, a header, a signature")
    assert lines.getvalue() == ""


def test_without_debug_each_line_is_json() -> None:
    record = logging.LogRecord("shop", logging.INFO, __file__, 1, "a %s", ("b",), None)
    line = json.loads(logs.Formatter(pretty=False).format(record))
    assert (line["event"], line["level"], line["logger"]) == ("a b", "info", "shop")
    assert line["timestamp"].endswith("Z")


def test_a_traceback_in_json_is_text_without_variables() -> None:
    hidden = "not-a-known-secret"
    try:
        raise ValueError("visible")
    except ValueError:
        record = logging.LogRecord("s", 40, __file__, 1, "a", (), sys.exc_info())
        assert hidden in str(
            traceback.TracebackException(*sys.exc_info(), capture_locals=True).stack[0].locals
        )
    line = json.loads(logs.Formatter(pretty=False).format(record))
    assert line["exception"].endswith("ValueError: visible")
    assert hidden not in line["exception"]


# --- requests ---


@pytest.mark.urls(__name__)
def test_each_request_has_an_id_in_its_answer_and_its_lines_and_shows_no_token(
    client: Any, lines: StringIO
) -> None:
    first, second = (client.get("/shops/invitation-token-1/?q=personal") for _ in range(2))
    ids = [first["X-Request-Id"], second["X-Request-Id"]]
    assert len(set(ids)) == 2
    written = [line for line in lines.getvalue().splitlines() if "kleep_portal.request" in line]
    assert len(written) == 2
    for request_id, line in zip(ids, written, strict=True):
        assert request_id in line
        assert "shops/<slug:token>/" in line
        assert "204" in line
    assert "invitation-token-1" not in "".join(written)
    assert "personal" not in "".join(written)


def test_an_id_does_not_outlive_its_request() -> None:
    seen: list[dict[str, Any]] = []

    def view(_request: HttpRequest) -> HttpResponse:
        seen.append(dict(structlog.contextvars.get_contextvars()))
        raise RuntimeError

    with pytest.raises(RuntimeError):
        logs.RequestLogMiddleware(view)(RequestFactory().get("/"))
    assert set(seen[0]) == {"request_id"}
    assert structlog.contextvars.get_contextvars() == {}


# --- tasks ---


@pytest.fixture
def told() -> Iterator[list[dict[str, Any]]]:
    """What a task of the tests' own finds bound to its lines."""
    seen: list[dict[str, Any]] = []

    @app.task(name="tests.tell", shared=False)
    def tell(value: str) -> None:
        logging.getLogger("shop").info("in a task %s", value)
        seen.append(dict(structlog.contextvars.get_contextvars()))

    yield seen
    app.tasks.pop("tests.tell")


def test_a_task_logs_under_its_own_id_and_that_of_the_request_which_queued_it(
    told: list[dict[str, Any]],
) -> None:
    with structlog.contextvars.bound_contextvars(request_id="the-request"):
        queued = app.send_task("tests.tell", args=["x"], queue="tests")
    alone = app.send_task("tests.tell", args=["y"], queue="tests")
    # Not the root logger: a starting worker configures logging anew.
    with listening(logging.getLogger("shop"), pretty=True) as lines:
        _work(app, told, 2)
    assert told == [
        {"task_id": queued.id, "task": "tests.tell", "request_id": "the-request"},
        {"task_id": alone.id, "task": "tests.tell"},
    ]
    in_tasks = [line for line in lines.getvalue().splitlines() if "in a task" in line]
    assert [queued.id in in_tasks[0], alone.id in in_tasks[1]] == [True, True]


def test_celery_leaves_the_logging_configuration_alone() -> None:
    assert signals.setup_logging.has_listeners()
    before = list(logging.getLogger().handlers)
    app.log.setup(loglevel="DEBUG", redirect_stdouts=False)
    assert logging.getLogger().handlers == before


def _work(app: Celery, told: list[dict[str, Any]], count: int) -> None:
    """A worker in this process takes what is queued."""
    with start_worker(app, perform_ping_check=False, queues=["tests"], shutdown_timeout=20):
        for _ in range(200):
            if len(told) >= count:
                return
            time.sleep(0.05)
    pytest.fail("the worker did not take the tasks")
