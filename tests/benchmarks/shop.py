"""The simulated Magento of the benchmark, in a process and on a core of its own.

Commands come as JSON lines on stdin: {"latency": seconds, ...} sets switches and begins a new count;
{} asks for the counts so far. Each is answered by one JSON line: requests, bytes, first (monotonic clock).
"""

import argparse
import json
import os
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field, replace

from connectors.sandbox.demo import document
from connectors.sandbox.exchange import Delivery, Request, Response
from connectors.sandbox.magento import criteria, phpquery, replies
from connectors.sandbox.magento.shop import SandboxShop
from connectors.sandbox.server import serve
from tests.benchmarks.orders import ManyOrders, small_shop

ORDERS = "/V1/orders"


@dataclass
class Counts:
    """What came in since the counting began. `first`: when the first request came."""

    routes: Counter[str] = field(default_factory=Counter)
    bytes: int = 0
    first: float = 0.0

    def add(self, request: Request, response: Response, at: float) -> None:
        self.first = self.first or at
        self.routes[request.path.partition("/V1/")[2]] += 1
        self.bytes += len(response.body)


class BenchShop:
    """The sandbox, its orders replaced by many that are encoded already; checks signatures as it does."""

    def __init__(self, shop: SandboxShop, orders: ManyOrders) -> None:
        self.shop, self.orders = shop, orders
        self.latency = 0.0
        self.counts = Counts()
        self._lock = threading.Lock()

    def answer(self, request: Request) -> Response:
        at = time.monotonic()
        response = self._orders(request) or self.shop.answer(request)
        with self._lock:
            self.counts.add(request, response, at)
        # What making the answer took is part of its latency.
        left = max(self.latency - (time.monotonic() - at), 0.0)
        return replace(response, delivery=Delivery(delay=left))

    def _orders(self, request: Request) -> Response | None:
        if request.method != "GET" or not request.path.endswith(ORDERS):
            return None
        asked = criteria.of(phpquery.parse(request.query))
        if not asked.page_size:  # a count, or whatever else is no page
            return self.shop.answer(request)
        with self.shop.lock:
            who = self.shop.gatekeeper.who(request)
        if who is None:
            return self.shop.answer(request)
        try:
            return replies.raw_json(self.orders.page(request.query, asked))
        except ValueError as error:
            return replies.json_response({"message": f"Not in this shop: {error}"}, 400)

    def command(self, given: dict[str, float]) -> dict[str, object]:
        with self._lock:
            counts = self.counts
            if given:
                self.counts = counts = Counts()
        if "latency" in given:
            self.latency = float(given["latency"])
        if "orders" in given:
            self.orders.count = int(given["orders"])
        if "filtered" in given:
            self.orders.filtered = bool(given["filtered"])
        return {
            "requests": sum(counts.routes.values()),
            "routes": dict(counts.routes),
            "bytes": counts.bytes,
            "first": counts.first,
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--core", type=int)
    core = parser.parse_args().core
    if core is not None:
        os.sched_setaffinity(0, {core})
    shop = small_shop()
    shop.switches.bearer_enabled = True  # PyMagento knows no other way
    shop.switches.gzip = False  # or its compressing would be measured
    bench = BenchShop(shop, ManyOrders(shop, 0))
    bench.orders.warm()
    with serve(bench) as address:
        print(json.dumps(document("Bench", shop.integrations["full"], address.url)), flush=True)
        for line in sys.stdin:
            print(json.dumps(bench.command(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
