"""`manage.py audit`: verify that nothing of what happened was changed later; --export writes it out."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from onboarding import audit
from onboarding.models import Merchant


class Command(BaseCommand):
    help = (
        "Verifies the chain of events of every merchant; exit code 1 where one was tampered with."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--merchant", metavar="NAME", help="only this one")
        parser.add_argument(
            "--export", metavar="FILE", help="write the events there, one JSON each"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        merchants = Merchant.objects.order_by("name")
        if name := options["merchant"]:
            merchants = merchants.filter(name=name)
            if not merchants:
                raise CommandError(f"There is no merchant named {name}.")
        audit.seal_leftovers()
        if options["export"]:
            try:
                self._export(merchants, Path(options["export"]))
            except FileExistsError:
                raise CommandError(f"{options['export']} is there already: name another.") from None
            except OSError as error:
                text = f"Cannot write to {options['export']}: {error.strerror}."
                raise CommandError(text) from None
        found = [flaw for merchant in merchants for flaw in audit.flaws(merchant)]
        for flaw in found:
            self.stderr.write(str(flaw))
        if found:
            raise CommandError(
                f"{len(found)} flaws: somebody changed the log from outside the portal."
            )
        self.stdout.write(f"{len(merchants)} chains are whole.")

    def _export(self, merchants: Any, file: Path) -> None:
        with file.open("x", encoding="utf-8") as out:  # never over an earlier export
            for merchant in merchants:
                events = audit.Events.filter(merchant=merchant).order_by("position", "pk")
                for line in audit.exported(events.iterator(chunk_size=1000)):
                    out.write(json.dumps(line, sort_keys=True) + "\n")
