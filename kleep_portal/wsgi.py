"""WSGI entry point of the web server."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kleep_portal.settings")

application = get_wsgi_application()

from kleep_portal.checks import refuse_unsafe_settings  # noqa: E402  # the settings come first

refuse_unsafe_settings(everything=True)  # views are loaded here, before there are workers
