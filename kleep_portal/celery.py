"""The Celery application. Tasks carry ids only and may run twice; the database says what is due."""

import os

from celery import Celery, signals

from kleep_portal import logs

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kleep_portal.settings")

app = Celery("kleep_portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(related_name="file_tasks")
logs.bind_celery()


def _measure_tasks(**_kwargs: object) -> None:
    """In workers alone: elsewhere nobody would fetch the figures."""
    from kleep_portal import metrics  # needs the settings, loaded by then

    metrics.bind_celery()


signals.worker_init.connect(_measure_tasks)


def _refuse_unsafe_settings(**_kwargs: object) -> None:
    from kleep_portal.checks import refuse_unsafe_settings  # needs the settings, loaded by then

    refuse_unsafe_settings()


signals.celeryd_init.connect(_refuse_unsafe_settings)
signals.beat_init.connect(_refuse_unsafe_settings)
