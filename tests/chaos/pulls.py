"""Pulls of a slow simulated shop: begun, watched and compared from outside the portal's processes."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from connectors.models import TABLES, Connection, Cursor, ProductLink, PullRun
from connectors.sandbox.exchange import Delivery, Request, Response
from connectors.sandbox.magento.shop import SandboxShop
from connectors.sandbox.server import serve
from connectors.sandbox.wshop.manner import Manner
from connectors.sandbox.wshop.shop import WshopSandbox
from connectors.sandbox.wshop.stock import Stock
from tests.processes import ROOT, wait_until

WATCHED = "watched"
ORDERS = 900  # a busy machine looks late, and must still look in the middle of the pull
PAGE_SIZE = 25
LATENCY = 0.15  # seconds per answer: a pull lasts long enough to be killed in its middle
DONE_SECONDS = 120
# Short, so that what a kill leaves behind is taken up again within seconds.
HASTE = {
    "PULL_SLICE_SECONDS": "2",
    "PULL_LEASE_SECONDS": "4",
    "QUEUE_DUE_SECONDS": "1",
    "CELERY_TASK_TIME_LIMIT": "10",
    "BROKER_VISIBILITY_TIMEOUT": "12",
}
# Of one copy alone: which row it is, whose it is, when we saw it.
OWN_COLUMNS = {"id", "connection_id", "seen_at"}

SET_PAGE_SIZE = """
from onboarding.models import Shop
connection = Shop.objects.get(slug={slug!r}).connection
connection.config["page_size"] = {size}
connection.save(update_fields=["config"])
"""
START_PULL = """
from onboarding import services
from onboarding.models import Shop
services.start_pull(Shop.objects.get(slug={slug!r}), by=None)
"""


@contextmanager
def slow_shop() -> Iterator[dict[str, Any]]:
    """A shop that takes its time; the document with which `manage.py connect` connects it."""
    shop = SandboxShop(orders=ORDERS)
    shop.switches.latency = LATENCY
    known = shop.integrations["read"]
    with serve(shop) as address:
        config = {
            "url": address.url,
            "consumerKey": known.consumer_key,
            "consumerSecret": known.consumer_secret,
            "accessToken": known.access_token,
            "accessTokenSecret": known.access_token_secret,
        }
        yield {"platform": "magento", "config": config}


@contextmanager
def slow_wshop() -> Iterator[dict[str, Any]]:
    """The same of the other platform."""
    shop = WshopSandbox(
        Stock.made(seed=9, orders=ORDERS), manners={"orders/get": Manner(most=PAGE_SIZE)}
    )
    user = shop.users[0]
    with serve(Slow(shop)) as address:
        config = {"url": f"{address.url}/api/v1", "username": user.email, "password": user.password}
        yield {"platform": "wshop", "config": config}


@dataclass(frozen=True)
class Slow:
    """A simulated shop, each of its answers LATENCY later."""

    shop: WshopSandbox

    def answer(self, request: Request) -> Response:
        return replace(self.shop.answer(request), delivery=Delivery(delay=LATENCY))


class Pulls:
    """Pulls by one portal. Its processes come and go; the database stays."""

    def __init__(self, env: Mapping[str, str], document: dict[str, Any]) -> None:
        self._env = dict(env)
        self._document = document

    def undisturbed(self) -> None:
        """What everything is compared with: one pull from beginning to end in one process."""
        self.reference = self.connect("Undisturbed")
        self.pull(self.reference)

    def pull(self, connection: Connection, *options: str) -> None:
        """Everything, in a process of its own. It must come to its end."""
        self._manage("pull", self._slug(connection), *options)

    def connect(self, name: str) -> Connection:
        """Another shop of the same merchant with the same credentials, and nothing pulled yet."""
        document = json.dumps(
            {**self._document, "merchant": f"Chaos on {self._document['platform']}", "shop": name}
        )
        slug = self._manage("connect", "-", stdin=document).strip()
        self._manage("shell", "-c", SET_PAGE_SIZE.format(slug=slug, size=PAGE_SIZE))
        return Connection.objects.using(WATCHED).get(shops__slug=slug)

    def check(self, connection: Connection) -> None:
        """What comes before every first pull: it finds out what the shop has."""
        self._manage("check_connection", self._slug(connection))

    def start(self, connection: Connection) -> None:
        """Ask for everything, as the page does; the workers do it."""
        self._manage("shell", "-c", START_PULL.format(slug=self._slug(connection)))

    def wait_for_page(self, connection: Connection, number: int) -> None:
        """Return in the middle of the orders: page `number` of them is stored, the last one is not."""
        orders = PullRun.objects.using(WATCHED).filter(
            cursor__connection=connection, cursor__resource="orders"
        )
        wait_until(lambda: orders.filter(pages__gte=number).exists(), seconds=60, what="a page")
        assert not orders.filter(state=PullRun.State.DONE).exists()

    def wait_for_end(self, connection: Connection) -> None:
        wait_until(lambda: self.is_done(connection), seconds=DONE_SECONDS, what="the pull's end")

    def is_done(self, connection: Connection) -> bool:
        """Whether all that the undisturbed pull had came in exactly one run each, and nobody holds it."""
        cursors = Cursor.objects.using(WATCHED).filter(connection=connection)
        states = cursors.filter(lease_token=None).values_list("resource", "runs__state")
        return (
            sorted(states)
            == sorted((cursor.resource, str(PullRun.State.DONE)) for cursor in cursors)
            and {cursor.resource for cursor in cursors} == self._pulled()
        )

    def _pulled(self) -> set[str]:
        undisturbed = Cursor.objects.using(WATCHED).filter(connection=self.reference)
        return set(undisturbed.values_list("resource", flat=True))

    def rows(self, connection: Connection) -> dict[str, list[dict[str, Any]]]:
        """Every row of every table, in full but for OWN_COLUMNS, in an order of their own."""
        tables = {**TABLES, "links": ProductLink}
        return {
            name: sorted(
                ({k: v for k, v in row.items() if k not in OWN_COLUMNS} for row in found), key=repr
            )
            for name, table in tables.items()
            if (found := table.objects.using(WATCHED).filter(connection=connection).values())
        }

    def created(self, connection: Connection) -> dict[str, int]:
        """How many rows each resource's runs claim to have created."""
        runs = PullRun.objects.using(WATCHED).filter(cursor__connection=connection)
        counted: dict[str, int] = {}
        for resource, created in runs.values_list("cursor__resource", "created"):
            counted[resource] = counted.get(resource, 0) + created
        return counted

    def _slug(self, connection: Connection) -> str:
        return str(connection.shops.using(WATCHED).get().slug)

    def _manage(self, *arguments: str, stdin: str = "") -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT, env=self._env, input=stdin, capture_output=True, text=True, timeout=120,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout
