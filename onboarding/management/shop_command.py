"""What the commands about one shop share: finding it, a table or JSON, progress, exit codes.

A person gets a table on stdout and, on a terminal, a progress bar on stderr. With --json the last thing on
stdout is one JSON document. Exit code 0 where all went well, 1 otherwise; mistakes in what was typed are
one sentence on stderr that names the choices.
"""

import json
import sys
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from connectors.models import Connection
from kleep_portal.checks import OURS
from onboarding.models import Shop

NAMED_AT_MOST = 20


class ShopCommand(BaseCommand):
    """Base of a command whose first argument is a shop's slug."""

    requires_system_checks = (OURS,)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("shop", metavar="SHOP", help="the shop's slug, as `connect` printed it")

    def shop(self, slug: str) -> tuple[Shop, Connection]:
        """The shop and its connection. Raises CommandError."""
        shop = Shop.objects.select_related("connection", "merchant").filter(slug=slug).first()
        if shop is None:
            raise CommandError(unknown("shop", slug, Shop.objects.values_list("slug", flat=True)))
        if shop.connection is None:
            raise CommandError(f"{slug} is not connected yet: run `manage.py connect` first.")
        return shop, shop.connection

    def finish(
        self,
        document: dict[str, Any],
        *,
        ok: bool,
        as_json: bool,
        table: Sequence[Sequence[Any]],
        notes: Sequence[str] = (),
    ) -> None:
        """Say the result and leave; `table` begins with its headings, `notes` are lines below it."""
        if as_json:
            self.stdout.write(json.dumps(document, indent=2, ensure_ascii=False))
        else:
            for line in (*aligned(table), *notes):
                self.stdout.write(line)
        self.stdout.flush()
        if not ok:
            sys.exit(1)


def add_json(parser: CommandParser) -> None:
    parser.add_argument("--json", action="store_true", help="end stdout with one JSON document")


def bar(*, total: int | None, unit: str, label: str = "") -> "tqdm[Any]":
    """A progress bar on stderr, silent where that is no terminal."""
    return tqdm(total=total, unit=f" {unit}", desc=label, disable=None, leave=False)


def unknown(what: str, name: str, known: Iterable[str]) -> str:
    """One sentence about a name that does not exist, with the choices, the likeliest first."""
    names = sorted(known)
    if not names:
        return f"There is no {what} {name!r}, nor any other yet."
    close = get_close_matches(name, names, n=3, cutoff=0.5)
    shown = list(dict.fromkeys([*close, *names]))[:NAMED_AT_MOST]
    more = f" and {len(names) - len(shown)} more" if len(names) > len(shown) else ""
    return f"There is no {what} {name!r}. Choose: {', '.join(shown)}{more}."


def aligned(table: Sequence[Sequence[Any]]) -> Iterable[str]:
    """Rows as lines, columns under each other, numbers to the right, the last one as long as it is."""
    cells = [["" if cell is None else str(cell) for cell in row] for row in table]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    numbers = [
        all(isinstance(row[at], int | float | None) for row in table[1:])
        for at in range(len(widths))
    ]
    for row in cells:
        padded = [
            cell.rjust(width) if number else cell.ljust(width)
            for cell, width, number in zip(row, widths, numbers, strict=True)
        ]
        yield "  ".join(padded).rstrip()
