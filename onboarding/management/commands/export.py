"""manage.py export SHOP --out DIR: what was pulled, one file per dataset and manifest.json."""

from dataclasses import asdict
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from tqdm import tqdm

from connectors import catalogue, exporting, increments
from connectors.datasets import DATASETS
from connectors.formats import FORMATS, FormatError
from connectors.increments import ManifestError
from connectors.layouts import LAYOUTS, Place, newest_manifest
from onboarding import services
from onboarding.management.shop_command import ShopCommand, add_json, bar, unknown
from onboarding.models import Shop

# Kleep's names of the folders.
ENVIRONMENTS: dict[str, str] = {
    Shop.Environment.PREPROD: "preprod",
    Shop.Environment.PRODUCTION: "prod",
}


class Command(ShopCommand):
    help = "Write what was pulled from a shop to files, with a manifest that proves them."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--out", required=True, metavar="DIR", help="folder, made if missing")
        parser.add_argument(
            "--dataset", action="append", metavar="D", help="this one only; may be repeated"
        )
        parser.add_argument("--format", default="csv", help=f"{', '.join(FORMATS)} (default: csv)")
        parser.add_argument(
            "--layout", default="single", help="single folder (default), or sftp: Kleep's folders"
        )
        parser.add_argument(
            "--store", help="store view whose titles and labels to write (default: the shop's own)"
        )
        parser.add_argument(
            "--incremental",
            action="store_true",
            help="only what changed since the newest manifest in DIR; everything where there is none",
        )
        parser.add_argument(
            "--since-manifest", metavar="FILE", help="only what changed since that export"
        )
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        shop, connection = self.shop(options["shop"])
        if not options["out"].strip():
            raise CommandError("--out takes a folder, not a blank.")
        names = list(dict.fromkeys(options["dataset"] or DATASETS))
        for name in names:
            if name not in DATASETS:
                raise CommandError(unknown("dataset", name, DATASETS))
        for option, known in (("format", FORMATS), ("layout", LAYOUTS)):
            if options[option] not in known:
                raise CommandError(unknown(option, options[option], known))
        stores = catalogue.stored_scopes(connection)
        if options["store"] and options["store"] not in stores:
            raise CommandError(unknown("store view", options["store"], filter(None, stores)))
        store = catalogue.stored_scope(connection, options["store"] or shop.store)
        environment = ENVIRONMENTS[shop.environment]
        since = _since(shop, store, environment, options)
        try:
            with bar(total=None, unit="rows") as shown:
                manifest = exporting.export(
                    connection,
                    out=Path(options["out"]),
                    datasets=names,
                    format=options["format"],
                    scope=store,
                    shop=shop.slug,
                    layout=options["layout"],
                    environment=environment,
                    since=since,
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


def _since(
    shop: Shop, store: str, environment: str, options: dict[str, Any]
) -> dict[str, datetime]:
    """By dataset from when on; empty for a whole export. Raises CommandError."""
    file = Path(options["since_manifest"]) if options["since_manifest"] else None
    if options["incremental"] and not file:
        place = Place(shop=shop.slug, environment=environment)
        file = newest_manifest(Path(options["out"]), options["layout"], place)
    if file is None:
        return {}
    try:
        return increments.begin(file, shop=shop.slug, scope=store)
    except ManifestError as error:
        raise CommandError(str(error)) from None
    except OSError as error:
        raise CommandError(f"Cannot read {file}: {error.strerror}.") from None


def _show(shown: "tqdm[Any]", dataset: str, more: int) -> None:
    shown.set_description(dataset, refresh=False)
    shown.update(more)
