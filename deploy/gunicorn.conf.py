"""Gunicorn in production: sizes from the environment, figures of dead workers forgotten."""

import os
from typing import Any

bind = os.environ.get("BIND", "0.0.0.0:8000")
workers = int(os.environ.get("WEB_WORKERS", "3"))
worker_class = "gthread"
threads = int(os.environ.get("WEB_THREADS", "4"))
timeout = 60  # seconds; the longest page waits 30 s for a shop
graceful_timeout = 30
keepalive = 5
max_requests = 5_000  # a worker that grew is replaced, not all at once
max_requests_jitter = 500
worker_tmp_dir = "/dev/shm"  # noqa: S108  # memory, not a disk, for a file of the heartbeat
accesslog = None  # the portal logs each request itself, with its id and without its query
preload_app = False  # each worker opens its own connections


def child_exit(_server: Any, worker: Any) -> None:
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)
