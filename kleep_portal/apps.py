"""Registers the system checks, and keeps the installation's own secrets out of its logs."""

import ctypes
import gc
import sys
from urllib.parse import unquote, urlsplit

from django.apps import AppConfig
from django.conf import settings

from kleep_portal import logs, redaction, reports

# glibc's name for it, and bytes: larger blocks go back to the system as soon as they are freed. By itself it
# raises the limit with the first large answer of a shop, and keeps what the next ones leave between them.
M_MMAP_THRESHOLD, LARGE_BLOCK = -3, 2**20
NEW_OBJECTS = 10_000  # between two collections; Python's own is 700: several for the rows of a page
SWITCH_SECONDS = 0.001  # Python's own is 0.005: several for each page that is stored


class PortalConfig(AppConfig):
    name = "kleep_portal"
    verbose_name = "Kleep portal"

    def ready(self) -> None:
        from kleep_portal import checks  # noqa: F401 (importing registers them)

        logs.install()
        redaction.remember_always(
            settings.SECRET_KEY,
            *settings.ENCRYPTION_KEYS,
            settings.PSEUDONYM_KEY,
            str(settings.DATABASES["default"].get("PASSWORD") or ""),
            settings.EMAIL_HOST_PASSWORD or "",
            _password(settings.CELERY_BROKER_URL),
            _password(settings.CACHES["default"]["LOCATION"]),
            settings.METRICS_TOKEN,
        )
        if settings.SENTRY_DSN:
            reports.start(settings.SENTRY_DSN)
        # What start-up made stays for ever: collections need not look through it, nor does the process's end
        # (a tenth of a second), and worker processes go on sharing its memory.
        gc.freeze()
        gc.set_threshold(NEW_OBJECTS)
        # A thread that has its answer of the database waits so long for one that maps or decodes.
        sys.setswitchinterval(SWITCH_SECONDS)
        if mallopt := getattr(ctypes.CDLL(None), "mallopt", None):
            mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK)


def _password(url: str) -> str:
    return unquote(urlsplit(url).password or "")
