"""manage.py sandbox: serve the simulated shops of the demo on this machine."""

import signal
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from connectors.sandbox.demo import Demo, demo_shops, write_documents
from connectors.sandbox.server import serve

ORDERS = 2000


class Command(BaseCommand):
    help = (
        "Serve three simulated shops on this machine until Ctrl-C: a Magento Open Source, and on the "
        "next ports an Adobe Commerce and a WSHOP. Their credentials are documents for `manage.py connect`."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--port", type=int, default=settings.SANDBOX_PORT, help="0 takes free ports"
        )
        parser.add_argument("--orders", type=int, default=ORDERS, help="orders in each shop")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("The simulated shops are for the demo: they run with DEBUG on only.")
        folder = settings.VAR / "sandbox"
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        with ExitStack() as stack:
            for at, demo in enumerate(demo_shops(folder, options["orders"])):
                port = options["port"] + at if options["port"] else 0
                self._serve(demo, folder, stack, port=port)
            self.stdout.write(f"Documents for `manage.py connect` are in {folder}")
            self.stdout.flush()
            stop.wait()

    def _serve(self, demo: Demo, folder: Path, stack: ExitStack, *, port: int) -> None:
        try:
            address = stack.enter_context(serve(demo.shop, port=port))
        except OSError as error:
            raise CommandError(f"Port {port} cannot be used: {error.strerror}.") from None
        documents = list(write_documents(demo, address.url, folder))
        self.stdout.write(f"{demo.name}: {address.url} ({len(documents)} documents)")
