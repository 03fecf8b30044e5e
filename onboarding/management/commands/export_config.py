"""manage.py export_config SHOP: the shop's configuration with its current cursors, without secrets."""

import json
from typing import Any

from onboarding import retrieve_configuration
from onboarding.management.shop_command import ShopCommand


class Command(ShopCommand):
    help = "Print the document that `connect` takes, with the current cursors and without secrets."

    def handle(self, *args: Any, **options: Any) -> None:
        document = retrieve_configuration.document(*self.shop(options["shop"]))
        self.stdout.write(json.dumps(document, indent=2, ensure_ascii=False))
