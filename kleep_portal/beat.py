"""The beat where Redis is named by URL: any number may be started, the one that holds the lock is at it."""

from typing import Any

from django.conf import settings
from redbeat import RedBeatScheduler

from kleep_portal.celery import app
from kleep_portal.checks import refuse_unsafe_settings


def _configuration() -> dict[str, Any]:
    """redbeat looks for its settings under these names alone."""
    return {
        "redbeat_redis_url": settings.CELERY_BROKER_URL,
        "redbeat_redis_options": {},
        "redbeat_key_prefix": "kleep-portal:beat:",
        "redbeat_lock_timeout": settings.BEAT_LOCK_SECONDS,
    }


app.add_defaults(_configuration)


class LockedScheduler(RedBeatScheduler):  # type: ignore[misc]  # redbeat ships no types
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        refuse_unsafe_settings()  # before it connects anywhere
        super().__init__(*args, **kwargs)
