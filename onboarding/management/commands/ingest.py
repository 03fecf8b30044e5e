"""manage.py ingest SHOP: takes CSV files, those that wait or those of a folder; the same code as the task."""

from pathlib import Path
from typing import Any, BinaryIO, cast

from django.core.files.storage import default_storage
from django.core.management.base import CommandError, CommandParser

from connectors import filelife, receiving
from connectors.datasets import DATASETS
from connectors.files import names
from connectors.files.refusals import RefusedError
from connectors.ingesting import Outcome, outcome, receive, take
from connectors.models import Connection, ReceivedFile
from onboarding import owing
from onboarding.management.shop_command import ShopCommand, add_json, unknown
from onboarding.models import Shop
from onboarding.services import record
from onboarding.services.files import target_of

State = ReceivedFile.State
HEADINGS = ("file", "dataset", "status", "rows", "accepted", "rejected", "report")
GOOD = (State.TAKEN, State.CHECKED)
Line = dict[str, Any]


class Command(ShopCommand):
    help = "Check CSV files and store their good rows. Exit code 0 where every file was taken."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--path",
            metavar="DIR|FILE",
            type=Path,
            help="files to take; default: those that were received and wait",
        )
        parser.add_argument("--dry-run", action="store_true", help="check only, store nothing")
        parser.add_argument(
            "--policy",
            choices=ReceivedFile.Policy.values,
            default=ReceivedFile.Policy.GOOD_ROWS,
            help="where some rows are wrong: take the good ones, or refuse the file",
        )
        parser.add_argument(
            "--date-order",
            choices=("dmy", "mdy", "1900", "1904"),
            help="how to read 03/04/2026, or the numbers of a spreadsheet's days; it is remembered",
        )
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        shop, connection = self.shop(options["shop"])
        answers = {name: options[name] for name in ("policy", "date_order", "dry_run")}
        if options["path"] is None:
            lines = [_line(take(file, **answers)) for file in _waiting(shop, answers)]
        else:
            found = _found(options["path"])
            lines = [_taken(shop, connection, path, answers) for path in found]
        if lines:
            record(shop, "files_ingested", by=None, files=[line["name"] for line in lines])
        ok = all(line["status"] in GOOD for line in lines)
        self.finish(
            {"shop": shop.slug, "ok": ok, "files": lines},
            ok=ok,
            as_json=options["json"],
            table=[HEADINGS, *_table(lines)],
            notes=[note for line in lines for note in _notes(line)],
        )

    def shop(self, slug: str) -> tuple[Shop, Connection]:
        """A shop without an API has a connection for its files from the first one on."""
        shop = Shop.objects.select_related("connection", "merchant").filter(slug=slug).first()
        if shop is None:
            raise CommandError(unknown("shop", slug, Shop.objects.values_list("slug", flat=True)))
        return shop, target_of(shop)


def _waiting(shop: Shop, answers: dict[str, Any]) -> list[ReceivedFile]:
    """What was received and not taken yet, the oldest data first; for a dry run, copies of that."""
    waiting = owing.received(shop).filter(state__in=filelife.OPEN, dry_run=False)
    files = list(waiting.order_by("said_at", "received_at"))
    return [_copied(file) for file in files] if answers["dry_run"] else files


def _copied(file: ReceivedFile) -> ReceivedFile:
    with file.content.open("rb") as stream:
        return receive(
            file.connection,
            name=file.name,
            stream=cast(BinaryIO, stream),
            origin=file.origin,
            shop=file.shop,
            by=file.by,
            dataset=file.dataset,
            scope=file.scope,
            mtime=file.mtime,
            dry_run=True,
        )


def _found(path: Path) -> list[Path]:
    """The files to take, the oldest data first. Raises CommandError."""
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise CommandError(f"There is no file or folder {str(path)!r}.")
    files = [one for one in path.rglob("*") if one.is_file() and not _is_hidden(one, path)]

    def age(one: Path) -> tuple[float, str]:
        at = names.read(one.name).at
        return at.timestamp() if at else one.stat().st_mtime, one.name

    return sorted(files, key=age)


def _is_hidden(file: Path, below: Path) -> bool:
    return any(part.startswith(".") for part in file.relative_to(below).parts)


def _taken(shop: Shop, connection: Connection, path: Path, answers: dict[str, Any]) -> Line:
    folder = path.resolve().parent.name
    dataset = names.read(path.name).dataset or (folder if folder in DATASETS else "")
    try:
        with path.open("rb") as stream:
            file = receive(
                connection,
                name=path.name,
                stream=stream,
                origin=ReceivedFile.Origin.COMMAND,
                shop=shop.slug,
                dataset=dataset,
                scope=shop.store,
                mtime=receiving.moment(path.stat().st_mtime),
                dry_run=answers["dry_run"],
            )
    except RefusedError as refused:
        return _refused(path.name, dataset, refused)
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from None
    is_over = file.state == State.TAKEN
    return _line(outcome(file) if is_over else take(file, **answers))


def _refused(name: str, dataset: str, refused: RefusedError) -> Line:
    line = {"name": name, "dataset": dataset, "status": str(State.REFUSED), "rows": 0}
    return {**line, "accepted": 0, "rejected": 0, "report": None, "message": refused.message}


def _line(found: Outcome) -> Line:
    return {
        "name": found.name,
        "dataset": found.dataset,
        "status": str(found.status),
        "rows": found.rows,
        "accepted": found.accepted,
        "rejected": found.rejected,
        "report": _path(found.report),
        "message": found.message,
        "questions": found.questions,
        "problems": [{"rows": one.rows, "message": one.message} for one in found.groups],
    }


def _path(name: str) -> str | None:
    """Where whoever runs the command finds the report."""
    return default_storage.path(name) if name else None


def _table(lines: list[Line]) -> list[list[Any]]:
    keys = ("name", "dataset", "status", "rows", "accepted", "rejected", "report")
    return [[line[key] for key in keys] for line in lines]


SHOWN = 10  # problems of a file


def _notes(line: Line) -> list[str]:
    """Why, for each file: a table has no room for sentences."""
    said = [line["message"]] if line["message"] else []
    said += [_question(question) for question in line.get("questions", [])]
    said += [problem["message"] for problem in line.get("problems", [])[:SHOWN]]
    return [f"{line['name']}: {sentence}" for sentence in said]


def _question(question: Line) -> str:
    match question["kind"]:
        case "dataset":
            likely, *others = question["choices"]
            return (
                f"Which data is this? Name the file {likely}.csv, or {likely}_2026-01-31T08-00-00.csv with"
                f" the time that it is from; or after {', '.join(others)}."
            )
        case "columns":
            missing, choices = ", ".join(question["missing"]), ", ".join(question["choices"])
            return f"Which columns are these: {missing}? The file has: {choices}."
        case "date_order":
            example = question["examples"][0]
            return f"Is the day of {example} before its month? Say --date-order dmy or mdy."
        case _:
            example = question["examples"][0]
            return f"Does {example} count the days from 1900 or 1904? Say --date-order."
