"""manage.py connect FILE|-: a merchant, a shop and its credentials from a JSON document."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from connectors.errors import ConnectorError
from onboarding import connect_document
from onboarding.connect_document import DocumentError
from onboarding.connecting import connect


class Command(BaseCommand):
    help = "Create or update a merchant, a shop and its connection; print the shop's slug."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file",
            metavar="FILE",
            help='JSON: {"merchant", "shop", "platform", "config": {...}}; - reads stdin',
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            shop = connect(connect_document.read(_raw(options["file"])))
        except DocumentError as error:
            raise CommandError("\n".join(["Nothing was stored.", *error.problems])) from None
        except ConnectorError as error:
            said = f"{error.message}\n{error.detail}".strip()
            raise CommandError(f"Nothing was changed: {said}") from None
        self.stdout.write(shop.slug)


def _raw(file: str) -> bytes:
    """No more than is needed to say that it is too much."""
    limit = connect_document.MAX_BYTES + 1
    if file == "-":
        return sys.stdin.buffer.read(limit)
    try:
        with Path(file).open("rb") as stream:
            return stream.read(limit)
    except OSError as error:
        raise CommandError(f"Cannot read {file}: {error.strerror}.") from None
