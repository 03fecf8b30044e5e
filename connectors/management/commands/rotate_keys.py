"""manage.py rotate_keys: seal all stored secrets under the first of ENCRYPTION_KEYS."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from connectors.rotation import Rotation, count, rotate


class Command(BaseCommand):
    help = (
        "Seal all stored secrets under the first of ENCRYPTION_KEYS. Safe while the portal runs and "
        "to interrupt. Once it succeeded, the older keys can be removed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="end with one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        with tqdm(total=count(), unit="row", disable=None, file=sys.stderr) as bar:
            rotation = rotate(on_row=bar.update)
        self.stdout.write(_as_json(rotation) if options["json"] else _as_text(rotation))
        if rotation.failed:
            raise CommandError(
                f"{len(rotation.failed)} rows open with none of the ENCRYPTION_KEYS; "
                "keep the older keys, and add the missing one: "
                + ", ".join(map(str, rotation.failed[:20]))
            )


def _as_json(rotation: Rotation) -> str:
    return json.dumps(
        {
            "ok": not rotation.failed,
            "rows": rotation.total,
            "resealed": rotation.resealed,
            "current": rotation.current,
            "empty": rotation.empty,
            "gone": rotation.gone,
            "failed": [str(row_id) for row_id in rotation.failed],
        }
    )


def _as_text(rotation: Rotation) -> str:
    return (
        f"{rotation.total} rows: {rotation.resealed} sealed anew, {rotation.current} were "
        f"under the first key, {rotation.empty} without secrets, {rotation.gone} changed meanwhile, "
        f"{len(rotation.failed)} failed"
    )
