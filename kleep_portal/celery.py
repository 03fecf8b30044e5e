"""The Celery application. Tasks carry ids only and may run twice; the database says what is due."""

import os

from celery import Celery

from kleep_portal import logs

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kleep_portal.settings")

app = Celery("kleep_portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
logs.bind_celery()
