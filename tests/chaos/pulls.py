"""Pulls of a shop that holds back: begun, watched and compared from outside the portal's processes."""

import json
import math
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from django.db.models import Q
from django.utils import timezone

from connectors.models import TABLES, Connection, Cursor, ProductLink, PullRun
from connectors.sandbox.exchange import App, Delivery, Request, Response
from connectors.sandbox.magento.shop import SandboxShop
from connectors.sandbox.server import serve
from connectors.sandbox.wshop.manner import Manner
from connectors.sandbox.wshop.shop import WshopSandbox
from connectors.sandbox.wshop.stock import Stock
from tests.processes import ROOT, wait_until

WATCHED = "watched"
ORDERS, PAGE_SIZE = 600, 15
# So many answers about orders the shop gives before the next kill: enough for a page to be stored by a worker
# that begins anew, and three times less than what there is.
RATION = 10
LATENCY = 0.02  # seconds per answer
HELD_SECONDS = 60.0
PAGE_SECONDS, DONE_SECONDS = 120, 180
# Short, so that what a kill leaves behind is taken up again within seconds.
HASTE = {
    "PULL_SLICE_SECONDS": "2",
    "PULL_LEASE_SECONDS": "4",
    "QUEUE_DUE_SECONDS": "1",
    "CELERY_TASK_TIME_LIMIT": "10",
    "BROKER_VISIBILITY_TIMEOUT": "12",
    "PULL_QUEUE_AGAIN_SECONDS": "20",
}
# Of one copy alone: which row it is, whose it is, when we saw it.
OWN_COLUMNS = {"id", "connection_id", "seen_at"}

START_PULL = """
from onboarding import services
from onboarding.models import Shop
services.start_pull(Shop.objects.get(slug={slug!r}), by=None)
"""


class Rationed:
    """A simulated shop that can be told how many more answers about orders it gives.

    So a pull stands still in its middle, however late a busy machine looks at it.
    """

    def __init__(self, shop: App) -> None:
        self._shop = shop
        self._changed = threading.Condition()
        self._left = math.inf

    def answer(self, request: Request) -> Response:
        if "/orders" in request.path:
            with self._changed:
                self._changed.wait_for(lambda: self._left > 0, timeout=HELD_SECONDS)
                self._left -= 1
        return replace(self._shop.answer(request), delivery=Delivery(delay=LATENCY))

    def ration(self, answers: float) -> None:
        with self._changed:
            self._left = answers
            self._changed.notify_all()


@contextmanager
def rationed_shop() -> Iterator[tuple[Rationed, dict[str, Any]]]:
    """A shop, and the document with which `manage.py connect` connects it."""
    plain = SandboxShop(orders=ORDERS)
    known = plain.integrations["read"]
    shop = Rationed(plain)
    with serve(shop) as address:
        config = {
            "url": address.url,
            "consumerKey": known.consumer_key,
            "consumerSecret": known.consumer_secret,
            "accessToken": known.access_token,
            "accessTokenSecret": known.access_token_secret,
        }
        yield shop, {"platform": "magento", "config": config}


@contextmanager
def rationed_wshop() -> Iterator[tuple[Rationed, dict[str, Any]]]:
    """The same of the other platform."""
    plain = WshopSandbox(
        Stock.made(seed=9, orders=ORDERS), manners={"orders/get": Manner(most=PAGE_SIZE)}
    )
    user = plain.users[0]
    shop = Rationed(plain)
    with serve(shop) as address:
        config = {"url": f"{address.url}/api/v1", "username": user.email, "password": user.password}
        yield shop, {"platform": "wshop", "config": config}


def newest(connection: Connection) -> dict[Cursor, PullRun | None]:
    """The newest run of each resource."""
    cursors = Cursor.objects.using(WATCHED).filter(connection=connection)
    return {one: one.runs.using(WATCHED).order_by("-pk").first() for one in cursors}


@contextmanager
def telling(connection: Connection) -> Iterator[None]:
    """Says in a TimeoutError what each resource stands at."""
    try:
        yield
    except TimeoutError as late:
        late.add_note(f"at {timezone.now()}:")
        for cursor, run in newest(connection).items():
            at = f"due {cursor.due_at}, queued {cursor.queued_at}, held until {cursor.lease_until}"
            said = f"{run.state} {run.error}, attempts: {run.attempts}" if run else "none"
            count = cursor.runs.using(WATCHED).count()
            late.add_note(f"{cursor.resource}: {at}; {count} runs, the newest: {said}")
        raise


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
        connection = Connection.objects.using(WATCHED).get(shops__slug=slug)
        connection.config["page_size"] = PAGE_SIZE
        connection.save(using=WATCHED, update_fields=["config"])
        return connection

    def check(self, connection: Connection) -> None:
        """What comes before every first pull: it finds out what the shop has."""
        self._manage("check_connection", self._slug(connection))

    def start(self, connection: Connection) -> None:
        """Ask for everything, as the page does; the workers do it."""
        self._manage("shell", "-c", START_PULL.format(slug=self._slug(connection)))

    def wait_for_another_page(self, shop: Rationed, connection: Connection) -> None:
        """Return in the middle of the orders: one page more of them is stored, the last one is not."""
        orders = PullRun.objects.using(WATCHED).filter(
            cursor__connection=connection, cursor__resource="orders"
        )

        def pages() -> int:
            return sum(orders.values_list("pages", flat=True))

        before = pages()
        shop.ration(RATION)
        wait_until(lambda: pages() > before, seconds=PAGE_SECONDS, what="another page")
        assert not orders.filter(state=PullRun.State.DONE).exists()

    def wait_for_end(self, connection: Connection) -> None:
        with telling(connection):
            wait_until(
                lambda: self.is_done(connection), seconds=DONE_SECONDS, what="the pull's end"
            )

    def is_done(self, connection: Connection) -> bool:
        """Whether all that the undisturbed pull had came to its end, and nobody is at it.

        A worker killed right after the end of a run leaves its lease to expire. One killed before it could
        say that it had asked for everything has it asked for again, which is another run of each.
        """
        cursors = Cursor.objects.using(WATCHED).filter(connection=connection)
        is_free = Q(lease_until=None) | Q(lease_until__lt=timezone.now())
        states = cursors.filter(is_free).values_list("resource", "runs__state")
        return set(states) == {(name, PullRun.State.DONE) for name in self._pulled()}

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
