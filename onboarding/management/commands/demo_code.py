"""manage.py demo_code: the code with which the demo's staff log in, in place of an authenticator app."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from onboarding import demo


class Command(BaseCommand):
    help = "Print the code of the demo's staff, good for half a minute."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("The demo's accounts have no place where DEBUG is off.")
        try:
            self.stdout.write(demo.code(settings.VAR))
        except demo.DemoError as error:
            raise CommandError(str(error)) from None
