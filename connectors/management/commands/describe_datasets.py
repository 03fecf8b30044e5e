"""Prints the documentation page of the datasets: manage.py describe_datasets > docs/datasets.md"""

from typing import Any

from django.core.management.base import BaseCommand

from connectors.reference import page


class Command(BaseCommand):
    help = "Print docs/datasets.md, made from the declaration of the datasets."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(page(), ending="")
