"""Connects shops and queues their orders for the workers; a process of the portal.

`connect`: reads documents of `manage.py connect`, one JSON per line, and prints the connections' ids.
`queue`: reads those ids, makes their orders due and queues what is due; prints the moment (UTC seconds).
`wait`: reads them, waits until every run has ended, prints by id when it was done (UTC seconds).
`look`: reads an address and a number, queues so many looks at that page, prints the moment.
`wait_looks`: waits until every look has ended, prints their states, the seconds of all and of one.
"""

import json
import sys
import time

import django

PATIENCE = 240.0  # seconds


def main() -> None:
    django.setup()
    given = [json.loads(line) for line in sys.stdin]
    print(json.dumps(KNOWN[sys.argv[1]](given)))


def connect(documents: list[dict[str, object]]) -> list[str]:
    from onboarding import connect_document, connecting

    shops = [
        connecting.connect(connect_document.read(json.dumps(one).encode())) for one in documents
    ]
    return [str(shop.connection_id) for shop in shops]


def queue(ids: list[str]) -> float:
    """The order of `ids` is the order in which they became due."""
    from datetime import timedelta

    from django.utils import timezone

    from connectors import pulling, tasks
    from connectors.models import Connection, Cursor

    Cursor.objects.update(due_at=None)
    now = timezone.now()
    for at, connection in enumerate(map(Connection.objects.in_bulk(ids).get, map(_uuid, ids))):
        assert connection is not None
        cursor = pulling.cursor_of(connection, "orders")
        due = now - timedelta(milliseconds=len(ids) - at)
        Cursor.objects.filter(pk=cursor.pk).update(due_at=due)
    tasks.queue_due()
    return time.time()


def wait(ids: list[str]) -> dict[str, float]:
    """Raises AssertionError where a run failed, TimeoutError where they take too long."""
    from connectors.models import PullRun

    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        runs = PullRun.objects.filter(cursor__connection__in=ids).exclude(state="running")
        found = list(runs.values_list("cursor__connection", "state", "finished_at"))
        if len(found) >= len(ids):
            assert {state for _, state, _ in found} == {"done"}, found
            return {str(id): at.timestamp() for id, _, at in found}
        time.sleep(0.1)
    raise TimeoutError(f"{len(found)} of {len(ids)} done")


def look(given: list[dict[str, object]]) -> float:
    """As many as are asked for of one page, which a merchant cannot do."""
    from onboarding import tasks
    from onboarding.models import PageRun, Shop

    shop = Shop.objects.first()
    (asked,) = given
    for _ in range(int(str(asked["looks"]))):
        run = PageRun.objects.create(shop=shop, environment="preprod", url=asked["url"])
        tasks.look_at_page.delay(run.pk)
    return time.time()


def wait_looks(_given: list[object]) -> dict[str, object]:
    from collections import Counter
    from statistics import median

    from onboarding.models import PageRun

    end = time.monotonic() + 6 * PATIENCE
    while any(not run.is_over for run in PageRun.objects.only("state")):
        if time.monotonic() > end:
            raise TimeoutError("the looks take too long")
        time.sleep(0.5)
    runs = list(PageRun.objects.all())
    ends = [run.finished_at for run in runs]
    return {
        "states": Counter(run.state for run in runs),
        "whole": (max(ends) - min(run.asked_at for run in runs)).total_seconds(),
        "one": median((run.finished_at - run.started_at).total_seconds() for run in runs),
    }


def _uuid(text: str):
    from uuid import UUID

    return UUID(text)


KNOWN = {
    "connect": connect,
    "queue": queue,
    "wait": wait,
    "look": look,
    "wait_looks": wait_looks,
}

if __name__ == "__main__":
    main()
