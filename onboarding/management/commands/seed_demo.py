"""manage.py seed_demo: the demo's merchant, shops and log-ins; `make run` calls it."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from connectors.errors import ConnectorError
from onboarding import demo


class Command(BaseCommand):
    help = "Make the demo's merchant, shops and log-ins, where they are missing."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("The demo's accounts have no place where DEBUG is off.")
        try:
            demo.seed(settings.VAR)
        except (demo.DemoError, ConnectorError) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"The log-ins of the demo are in {settings.VAR / 'demo.json'}.")
        pasted = settings.VAR / "sandbox" / demo.WAITING
        self.stdout.write(f"The shop that is not connected yet takes what is in {pasted}.")
