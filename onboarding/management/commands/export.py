"""manage.py export SHOP --out DIR: what was pulled, one file per dataset and manifest.json."""

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from tqdm import tqdm

from connectors import exporting
from connectors.datasets import DATASETS
from connectors.formats import FORMATS, FormatError
from onboarding import services
from onboarding.management.shop_command import ShopCommand, add_json, bar, unknown


class Command(ShopCommand):
    help = "Write what was pulled from a shop to files, with a manifest that proves them."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--out", required=True, metavar="DIR", help="folder, made if missing")
        parser.add_argument(
            "--dataset", action="append", metavar="D", help="this one only; may be repeated"
        )
        parser.add_argument("--format", default="csv", help=f"{', '.join(FORMATS)} (default: csv)")
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        shop, connection = self.shop(options["shop"])
        names = list(dict.fromkeys(options["dataset"] or DATASETS))
        for name in names:
            if name not in DATASETS:
                raise CommandError(unknown("dataset", name, DATASETS))
        if options["format"] not in FORMATS:
            raise CommandError(unknown("format", options["format"], FORMATS))
        try:
            with bar(total=None, unit="rows") as shown:
                manifest = exporting.export(
                    connection,
                    out=Path(options["out"]),
                    datasets=names,
                    format=options["format"],
                    scope=shop.store,
                    shop=shop.slug,
                    progress=partial(_show, shown),
                )
        except FormatError as error:
            raise CommandError(str(error)) from None
        except OSError as error:
            raise CommandError(f"Cannot write to {options['out']}: {error.strerror}.") from None
        services.note_export(shop, format=options["format"], by=None)
        table: list[tuple[object, ...]] = [("file", "rows", "sha256")]
        table += [(file.name, file.rows, file.sha256) for file in manifest.files]
        self.finish(asdict(manifest), ok=True, as_json=options["json"], table=table)


def _show(shown: "tqdm[Any]", dataset: str, more: int) -> None:
    shown.set_description(dataset, refresh=False)
    shown.update(more)
