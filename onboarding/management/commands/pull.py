"""manage.py pull SHOP [RESOURCE...]: everything that changed, here and now; the same code as the task."""

from datetime import UTC, datetime
from functools import partial
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from tqdm import tqdm

from connectors import pulling
from connectors.errors import ConnectorError
from connectors.formats import iso
from connectors.models import Connection, Cursor, PullRun
from onboarding import services
from onboarding.management.shop_command import ShopCommand, add_json, bar, unknown

COUNTERS = ("fetched", "created", "updated", "unchanged", "deleted", "pages", "seconds")
HEADINGS = ("resource", "status", *COUNTERS, "cursor", "message")
WORST_FIRST = ("failed", "busy", "stopped", "running", "done")


class Command(ShopCommand):
    help = "Pull what changed in a shop, from where the last pull stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("resources", nargs="*", metavar="RESOURCE", help="default: all")
        parser.add_argument(
            "--since", metavar="WHEN", help="read again from this date or time, UTC"
        )
        parser.add_argument("--full", action="store_true", help="read everything again")
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        shop, connection = self.shop(options["shop"])
        names = _names(connection, options["resources"])
        since = _moment(options["since"])
        if since and options["full"]:
            raise CommandError("--since and --full exclude each other.")
        try:
            cursors = pulling.cursors(connection, names)
        except ConnectorError as error:
            raise CommandError(f"{error.message} {error.detail}".strip()) from None
        services.note_pull(shop, by=None)
        lines = []
        for name in names:
            mine = [cursor for cursor in cursors if cursor.resource == name]
            lines.append(
                _line(name, [_pull(cursor, since, full=options["full"]) for cursor in mine])
            )
        ok = all(line["status"] == "done" for line in lines)
        self.finish(
            {"shop": shop.slug, "ok": ok, "resources": lines},
            ok=ok,
            as_json=options["json"],
            table=[HEADINGS, *([line[name] for name in HEADINGS] for line in lines)],
        )


def _names(connection: Connection, wanted: list[str]) -> list[str]:
    """Resources to pull, in the platform's order. Raises CommandError."""
    known = [resource.name for resource in pulling.pullable(connection)]
    for name in wanted:
        if name not in known:
            raise CommandError(unknown("resource to pull", name, known))
    return [name for name in known if name in wanted or not wanted]


def _moment(text: str | None) -> datetime | None:
    """2026-01-31, or with a time; without an offset it is UTC. Raises CommandError."""
    if text is None:
        return None
    wanted = f"--since takes a date like 2026-01-31 or 2026-01-31T08:00:00, not {text!r}"
    try:
        moment = parse_datetime(text) or _midnight(text)
    except ValueError:  # a date that does not exist
        moment = None
    if moment is None:
        raise CommandError(f"{wanted}.")
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if moment > timezone.now():
        raise CommandError(f"{wanted}, which is in the future.")
    return moment


def _midnight(text: str) -> datetime | None:
    date = parse_date(text)
    return datetime(date.year, date.month, date.day, tzinfo=UTC) if date else None


Outcome = tuple[str, PullRun | None, str]  # status, the run if there was one, message


def _pull(cursor: Cursor, since: datetime | None, *, full: bool) -> Outcome:
    with bar(total=None, unit="records", label=str(cursor)) as shown:
        try:
            run = pulling.pull(
                cursor.connection,
                cursor.resource,
                cursor.scope,
                since=since,
                full=full,
                progress=partial(_show, shown),
            )
        except ConnectorError as error:
            return "busy", None, error.message
        except KeyboardInterrupt:
            text = "Stopped. What was stored stays: run it again to go on from there."
            raise CommandError(text) from None
    return run.state, run, run.message


def _show(shown: "tqdm[Any]", run: PullRun) -> None:
    shown.total = run.expected
    shown.update(run.fetched - shown.n)


def _line(name: str, outcomes: list[Outcome]) -> dict[str, Any]:
    """One resource: what its store views gave together, the worst of their states, the earliest position."""
    runs = [run for _status, run, _message in outcomes if run]
    status, _run, message = min(outcomes, key=lambda outcome: WORST_FIRST.index(outcome[0]))
    totals = {counter: sum(getattr(run, counter) for run in runs) for counter in COUNTERS}
    positions = [run.cursor.position_at for run in runs]
    reached = min((at for at in positions if at), default=None) if all(positions) else None
    return {
        "resource": name,
        "status": status,
        **totals,
        "seconds": round(float(totals["seconds"]), 3),
        "cursor": iso(reached) if reached else None,
        "message": message,
    }
