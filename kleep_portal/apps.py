"""Registers the system checks."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "kleep_portal"
    verbose_name = "Kleep portal"

    def ready(self) -> None:
        from kleep_portal import checks  # noqa: F401 (importing registers them)
