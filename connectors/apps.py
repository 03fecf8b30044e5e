"""How the portal talks to shops, what it pulled and where it stopped."""

from django.apps import AppConfig


class ConnectorsConfig(AppConfig):
    name = "connectors"
    verbose_name = "Connections to shops"

    def ready(self) -> None:
        from connectors.metrics import collect  # its models exist from here on
        from kleep_portal import metrics

        metrics.add(collect)
