"""Prints the record of what is stored: manage.py describe_storage > docs/privacy.md"""

from typing import Any

from django.core.management.base import BaseCommand

from onboarding.storage_record import page


class Command(BaseCommand):
    help = "Print docs/privacy.md, made from the declarations."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(page(), ending="")
