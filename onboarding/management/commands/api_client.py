"""`manage.py api_client NAME --scope shops …`: a token for one of Kleep's own programs; --revoke ends it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import IntegrityError

from onboarding.api import clients
from onboarding.models import ApiClient


class Command(BaseCommand):
    help = "Makes a token for a program that reads the API, and prints it once; --revoke ends it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--scope", action="append", default=[], choices=sorted(clients.SCOPES))
        parser.add_argument("--revoke", action="store_true")

    def handle(self, *_args: Any, **options: Any) -> None:
        name = options["name"]
        if options["revoke"]:
            client = ApiClient.objects.filter(name=name, revoked_at=None).first()
            if client is None:
                raise CommandError(f"No client named {name} has a token that works.")
            clients.revoke(client)
            self.stdout.write(f"The token of {name} opens nothing any more.")
            return
        if not options["scope"]:
            raise CommandError("Give at least one --scope: " + ", ".join(sorted(clients.SCOPES)))
        try:
            _client, token = clients.create(name, options["scope"], by=None)
        except IntegrityError:
            raise CommandError(f"There was a client named {name} already.") from None
        self.stdout.write(token)
