"""Wiring of the portal: settings, URLs, the Celery app, secrets, logs. No business rule lives here."""

from kleep_portal.celery import app as celery_app

__all__ = ["celery_app"]
