"""manage.py pull SHOP [RESOURCE...]: everything that changed, here and now; the same code as the task."""

import math
from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from tqdm import tqdm

from connectors import choosing, pulling
from connectors.errors import ConnectorError
from connectors.formats import iso
from connectors.models import Connection, Cursor, PullRun
from onboarding import services
from onboarding.management.shop_command import ShopCommand, add_json, bar, unknown

COUNTERS = ("fetched", "created", "updated", "unchanged", "deleted", "pages", "seconds")
HEADINGS = ("resource", "status", *COUNTERS, "cursor", "message")
# failed; held: a person decides; busy: somebody else is pulling it; stopped by a person; waiting for a shop
# that asked for time.
WORST_FIRST = ("failed", "held", "busy", "stopped", "waiting", "done")


class Outcome(NamedTuple):
    status: str
    run: PullRun | None
    message: str


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

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Resources may also stand behind an option: pull SHOP --full orders."""
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.parse_args = parser.parse_intermixed_args  # type: ignore[method-assign]  # all that Django calls
        return parser

    def handle(self, *args: Any, **options: Any) -> None:
        shop, connection = self.shop(options["shop"])
        names = _names(connection, options["resources"])
        since = _moment(options["since"])
        if since and options["full"]:
            raise CommandError("--since and --full exclude each other.")
        services.note_pull(shop, by=None)
        outcomes = _pull_all(connection, names, since=since, full=options["full"])
        lines = [_line(name, found) for name, found in outcomes.items()]
        ok = all(line["status"] == "done" for line in lines)
        self.finish(
            {"shop": shop.slug, "ok": ok, "resources": lines},
            ok=ok,
            as_json=options["json"],
            table=[HEADINGS, *([line[name] for name in HEADINGS] for line in lines)],
        )


def _names(connection: Connection, wanted: list[str]) -> list[str]:
    """The resources that were named, in the platform's order. Raises CommandError."""
    known = [resource.name for resource in pulling.pullable(connection)]
    for name in wanted:
        if name not in known:
            raise CommandError(unknown("resource to pull", name, known))
    return [name for name in known if name in wanted]


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


def _pull_all(
    connection: Connection, names: list[str], *, since: datetime | None, full: bool
) -> dict[str, list[Outcome]]:
    """By resource what each of its store views gave."""
    try:
        cursors = pulling.cursors(connection, names)
    except ConnectorError as error:  # the credentials are incomplete, or do not open
        names = names or [resource.name for resource in choosing.wanted(connection)]
        return {name: [Outcome("failed", None, error.message)] for name in names}
    outcomes: dict[str, list[Outcome]] = {cursor.resource: [] for cursor in cursors}
    patient = True
    for cursor in cursors:
        outcome = _pull(cursor, since=since, full=full, patient=patient)
        outcomes[cursor.resource].append(outcome)
        # To wait once for a shop that does not answer is enough.
        patient = patient and outcome.status != "waiting"
    return outcomes


def _pull(cursor: Cursor, *, since: datetime | None, full: bool, patient: bool) -> Outcome:
    with bar(total=None, unit="records", label=str(cursor)) as shown:
        show = partial(_show, shown)
        run: PullRun | None
        try:
            if patient:
                names = (cursor.resource, cursor.scope)
                run = pulling.pull(cursor.connection, *names, since=since, full=full, progress=show)
            else:
                run = pulling.run_slice(
                    cursor, since=since, full=full, seconds=math.inf, progress=show
                )
        except ConnectorError as error:
            return Outcome("busy", None, error.message)
        except KeyboardInterrupt:
            text = "Stopped. What was stored stays: run it again to go on from there."
            raise CommandError(text) from None
    return _outcome(run)


def _outcome(run: PullRun | None) -> Outcome:
    if run is None:
        return Outcome("busy", None, str(pulling.AlreadyRunningError.text))
    status = "waiting" if run.state == PullRun.State.RUNNING else str(run.state)
    return Outcome(status, run, run.message)


def _show(shown: "tqdm[Any]", run: PullRun) -> None:
    shown.total = run.expected
    shown.update(run.fetched - shown.n)


def _line(name: str, outcomes: list[Outcome]) -> dict[str, Any]:
    """One resource: what its store views gave together, the worst of their states, the earliest position."""
    runs = [outcome.run for outcome in outcomes if outcome.run]
    worst = min(outcomes, key=lambda outcome: WORST_FIRST.index(outcome.status))
    totals = {counter: sum(getattr(run, counter) for run in runs) for counter in COUNTERS}
    positions = [run.cursor.position_at for run in runs]
    reached = min((at for at in positions if at), default=None) if all(positions) else None
    return {
        "resource": name,
        "status": worst.status,
        **totals,
        "seconds": round(float(totals["seconds"]), 3),
        "cursor": iso(reached) if reached else None,
        "message": worst.message,
    }
