"""manage.py check_connection SHOP: asks the shop for every resource and says what each one answers."""

from functools import partial
from typing import Any

from django.core.management.base import CommandParser
from tqdm import tqdm

from connectors import checking, choosing
from connectors.base import Resource
from connectors.models import CheckLine
from onboarding import services
from onboarding.management.shop_command import ShopCommand, add_json, bar

HEADINGS = ("resource", "status", "severity", "count", "message")


class Command(ShopCommand):
    help = "Probe every resource of a shop. Exit code 0 where nothing blocks the go-live."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        shop, connection = self.shop(options["shop"])
        resources = connection.connector_class.resources
        check = services.start_check(shop, by=None, queue=False)
        with bar(total=len(resources), unit="resources") as shown:
            checking.run(check, on_line=partial(_show, shown))
        answered = {line.resource: line for line in check.lines.all()}
        lines = [_line(resource, answered[resource.name]) for resource in resources]
        ok = checking.is_ok(check)
        self.finish(
            {"shop": shop.slug, "ok": ok, "lines": lines},
            ok=ok,
            as_json=options["json"],
            table=[HEADINGS, *([line[name] for name in HEADINGS] for line in lines)],
            notes=[
                f"{dataset}: {resource.name if resource else 'to be sent as CSV files'}"
                for dataset, resource in choosing.sources(connection).items()
            ],
        )


def _show(shown: "tqdm[Any]", _line: CheckLine) -> None:
    shown.update()


def _line(resource: Resource, line: CheckLine) -> dict[str, Any]:
    """`permission`: the vendor's id of the one that is missing, else of the one that it needs."""
    needed = resource.permission.id if resource.permission else None
    return {
        "resource": line.resource,
        "status": line.status,
        "severity": checking.severity(resource),
        "permission": line.params.get("permission", needed),
        "http_status": line.http_status,
        "count": line.count,
        "message": line.message,
    }
