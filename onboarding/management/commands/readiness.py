"""manage.py readiness SHOP: whether what was pulled is good enough for Kleep, measure by measure."""

from typing import Any

from django.core.management.base import CommandParser

from connectors import readiness
from onboarding.management.shop_command import ShopCommand, add_json

HEADINGS = ("measure", "verdict", "number", "of", "sentence")


class Command(ShopCommand):
    help = "Measure what was pulled. Exit code 0 where nothing holds the go-live up."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        shop, connection = self.shop(options["shop"])
        found = readiness.measure(connection, shop.store)
        lines = [(m.name, m.verdict, m.number, m.of, m.sentence) for m in found.measures]
        self.finish(
            {"shop": shop.slug, **found.to_json()},
            ok=found.is_ok,
            as_json=options["json"],
            table=[HEADINGS, *lines],
        )
