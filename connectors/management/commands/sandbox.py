"""manage.py sandbox: serve the simulated shops of the demo on this machine."""

import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count, repeat
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from connectors.sandbox.demo import (
    Demo,
    demo_shops,
    demo_storefront,
    write_documents,
    write_storefront,
)
from connectors.sandbox.exchange import App
from connectors.sandbox.server import Address, serve
from connectors.sandbox.storefront.standin import StandIn

ORDERS = 2000


class Command(BaseCommand):
    help = (
        "Serve three simulated shops on this machine until Ctrl-C: a Magento Open Source, and on the "
        "next ports an Adobe Commerce and a WSHOP. Their credentials are documents for `manage.py connect`. "
        "Then a storefront and a stand-in of Kleep's script, for the widget."
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
            shops = demo_shops(folder, options["orders"])
            ports: Iterator[int] = count(options["port"]) if options["port"] else repeat(0)
            for demo in shops:
                self._serve_shop(demo, folder, stack, port=next(ports))
            self._serve_storefront(folder, stack, port=next(ports), kleep_port=next(ports))
            self.stdout.write(f"Documents for `manage.py connect` are in {folder}")
            self.stdout.flush()
            stop.wait()

    def _serve_shop(self, demo: Demo, folder: Path, stack: ExitStack, *, port: int) -> None:
        address = _served(demo.shop, stack, port)
        documents = list(write_documents(demo, address.url, folder))
        self.stdout.write(f"{demo.name}: {address.url} ({len(documents)} documents)")

    def _serve_storefront(
        self, folder: Path, stack: ExitStack, *, port: int, kleep_port: int
    ) -> None:
        kleep = _served(StandIn(), stack, kleep_port)
        address = _served(demo_storefront(folder, kleep=kleep.url), stack, port)
        write_storefront(folder, address.url)
        self.stdout.write(f"Storefront: {address.url}, its stand-in of Kleep: {kleep.url}")


def _served(app: App, stack: ExitStack, port: int) -> Address:
    try:
        return stack.enter_context(serve(app, port=port))
    except OSError as error:
        raise CommandError(f"Port {port} cannot be used: {error.strerror}.") from None
