"""`manage.py erase`: take a shopper, a shop or a merchant out for good, and print how much that was."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from onboarding.models import Erasure, Merchant, Shop
from onboarding.services import erasing, removing


class Command(BaseCommand):
    help = (
        "`erase shopper --merchant NAME` reads the e-mail address or customer number from stdin, so that it"
        " stays in no history; `erase shop SLUG --yes SLUG`; `erase merchant NAME --yes NAME`."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["shopper", "shop", "merchant"])
        parser.add_argument(
            "name", nargs="?", default="", help="slug of the shop, name of the merchant"
        )
        parser.add_argument("--merchant", metavar="NAME", help="whose shopper it is")
        parser.add_argument("--yes", metavar="NAME", default="", help="the name once more")

    def handle(self, *_args: Any, **options: Any) -> None:
        what = options["what"]
        if what == "shopper":
            merchant = _merchant(options["merchant"] or "")
            identifier = sys.stdin.readline().strip()
            if not identifier:
                raise CommandError("Give the e-mail address or customer number on stdin.")
            asked = erasing.ask_shopper(merchant, identifier, by=None)
        else:
            if options["yes"] != options["name"] or not options["name"]:
                raise CommandError(
                    f"Nothing was erased. To go on: --yes {options['name'] or 'NAME'}"
                )
            asked = _whole(what, options["name"])
        done = removing.at_once(asked)
        if not done.is_done:
            raise CommandError("It failed again and again: the log says why.")
        self.stdout.write(json.dumps({"erased": done.kind, "counts": done.counts}, sort_keys=True))


def _whole(what: str, name: str) -> Erasure:
    """Where somebody asked for the same before, that one goes on."""
    try:
        if what == "merchant":
            return erasing.ask_merchant(_merchant(name), by=None)
        shop = Shop.objects.select_related("merchant").filter(slug=name).first()
        if shop is None:
            raise CommandError(f"There is no shop named {name}.")
        return erasing.ask_shop(shop, by=None)
    except erasing.BeingErasedError as error:
        return error.erasure


def _merchant(name: str) -> Merchant:
    found = Merchant.objects.filter(name=name).first()
    if found is None:
        raise CommandError(f"There is no merchant named {name or '…: give --merchant NAME'}.")
    return found
