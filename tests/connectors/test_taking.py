"""A file is checked whole, then stored: what is wrong is said, what is unclear is asked, never by halves."""

import csv
import gzip
import io
import threading
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.conf import settings as configured
from django.core.files.storage import default_storage
from django.db import OperationalError

from connectors import filelife, holders, reporting, storing, taking, tasks
from connectors.answering import begin
from connectors.datasets import ORDERS, RETURNS
from connectors.files.report import HEADINGS
from connectors.ingesting import Outcome, files_connection, receive, take
from connectors.models import TABLES, Connection, ReceivedFile

NAME = "returns_2026-06-01T02-00-00.csv"
HEADER = "return_id,line_id,return_date,order_id,quantity"
NOW = datetime(2026, 6, 2, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def in_june() -> Iterator[None]:
    with time_machine.travel(NOW):
        yield


@pytest.fixture
def connection(db: None) -> Connection:
    return files_connection(uuid.uuid4())


def lines(*rows: str, header: str = HEADER) -> bytes:
    return "\r\n".join([header, *rows, ""]).encode()


def send(connection: Connection, content: bytes, name: str = NAME, **options: Any) -> ReceivedFile:
    return receive(connection, name=name, stream=io.BytesIO(content), origin="upload", **options)


def taken(connection: Connection, content: bytes, name: str = NAME, **options: Any) -> Outcome:
    return take(send(connection, content, name), **options)


def stored(connection: Connection, dataset: str = "returns", *columns: str) -> list[Any]:
    rows = TABLES[dataset].objects.filter(connection=connection).order_by("file_row")
    return list(rows.values_list(*columns or ("return_id", "line_id")))


def report(outcome: Outcome) -> list[dict[str, str]]:
    with default_storage.open(outcome.report, "rb") as stream:
        return list(csv.DictReader(io.TextIOWrapper(stream, "utf-8-sig", newline="")))


def left_over() -> list[str]:
    folder = configured.VAR / "files" / "checked"
    return [path.name for path in folder.rglob("*") if path.is_file()]


GOOD = lines("R1,1,2026-05-30,7,1", 'R1,2,2026-05-30T10:00:00+02:00,7,"1,5"')


def test_good_rows_are_stored_with_where_they_came_from(connection) -> None:
    outcome = taken(connection, GOOD)
    assert (outcome.status, outcome.rows, outcome.accepted, outcome.rejected) == ("taken", 2, 2, 0)
    assert (outcome.report, outcome.groups, outcome.problems) == ("", [], [])
    file = ReceivedFile.objects.get()
    assert (file.created, file.updated, file.unchanged) == (2, 0, 0)
    columns = ("return_id", "return_date", "quantity", "source", "origin", "file", "file_row")
    assert stored(connection, "returns", *columns) == [
        ("R1", datetime(2026, 5, 30, tzinfo=UTC), Decimal(1), "file", "file", file.pk, 2),
        ("R1", datetime(2026, 5, 30, 8, tzinfo=UTC), Decimal("1.5"), "file", "file", file.pk, 3),
    ]
    assert left_over() == []


def test_the_same_file_is_taken_once(connection) -> None:
    taken(connection, GOOD)
    before = ReceivedFile.objects.values()
    assert taken(connection, GOOD).status == "taken"
    assert list(ReceivedFile.objects.values()) == list(before)


def test_wrong_rows_are_left_out_and_reported_beside_the_original(connection) -> None:
    content = lines("R1,1,2026-05-30,7,1", "R1,,2026-02-30,7,many", "=2+5,3,2026-05-30,7,1")
    outcome = taken(connection, content)
    assert (outcome.status, outcome.rows, outcome.accepted, outcome.rejected) == ("taken", 3, 1, 2)
    assert stored(connection) == [("R1", "1")]
    first, second, third = report(outcome)
    assert [first[name] for name in HEADINGS] == [""] * 5
    assert second["error_row"] == "3"
    assert second["error_code"] == "required | no_such_day | not_a_number"
    assert second["error_column"] == "line_id | return_date | quantity"
    assert second["error_value"] == " | 2026-02-30 | many"
    assert second["error_message"] == (
        "line_id is empty | return_date: “2026-02-30” is a day that does not exist"
        " | quantity: “many” is not a number"
    )
    assert (third["error_code"], third["return_id"]) == ("formula", "'=2+5")
    assert [group.message for group in outcome.groups][:2] == [
        "1 row: return_id: “=2+5” is a spreadsheet's formula, or its error, and no value",
        "1 row: return_date: “2026-02-30” is a day that does not exist",
    ]


def test_the_report_speaks_the_senders_language(connection) -> None:
    file = send(connection, lines("R1,,2026-05-30,7,1", "R1,2,2026-05-30,7,1"))
    file.language = "fr"
    file.save()
    assert report(take(file))[0]["error_message"] == "line_id est vide"


def test_a_mended_report_can_be_sent_as_it_is(connection) -> None:
    content = lines("-R1,1,2026-05-30,7,1", "R1,2,30/05/26,7,x", "'=a,3,2026-05-30,7,1")
    outcome = taken(connection, content)
    with default_storage.open(outcome.report, "rb") as stream:
        mended = stream.read().replace(b",x\r\n", b",4\r\n")
    again = taken(connection, mended, "returns_2026-06-01T03-00-00.csv")
    assert (again.status, again.accepted, again.rejected, again.report) == ("taken", 3, 0, "")
    assert stored(connection, "returns", "return_id", "quantity") == [
        ("-R1", Decimal(1)),
        ("R1", Decimal(4)),
        ("'=a", Decimal(1)),
    ]


def test_a_file_may_be_refused_as_a_whole(connection) -> None:
    content = lines("R1,1,2026-05-30,7,1", "R1,2,2026-05-30,7,x")
    outcome = taken(connection, content, policy="refuse_file")
    assert (outcome.status, outcome.accepted, outcome.rejected) == ("refused", 0, 1)
    assert outcome.message == "1 rows are wrong, and you chose to refuse such a file as a whole."
    assert len(report(outcome)) == 2
    assert stored(connection) == []
    assert taken(connection, content).status == "taken"
    assert stored(connection) == [("R1", "1")]


def test_a_dry_run_stores_nothing_and_reports_all_the_same(connection) -> None:
    content = lines("R1,1,2026-05-30,7,1", "R1,2,2026-05-30,7,x")
    file = send(connection, content, dry_run=True)
    outcome = take(file)
    assert (outcome.status, outcome.accepted, outcome.rejected) == ("checked", 1, 1)
    assert len(report(outcome)) == 2
    assert (stored(connection), left_over()) == ([], [])


# --- what is asked ---


def test_day_and_month_are_asked_where_nothing_tells(connection) -> None:
    content = lines("R1,1,03/04/2026,7,1", "R1,2,05/05/2026,7,1")
    outcome = taken(connection, content)
    assert outcome.status == "needs_answer"
    assert outcome.questions == [
        {
            "kind": "date_order",
            "column": "",
            "missing": [],
            "choices": ["dmy", "mdy"],
            "examples": ["03/04/2026"],
        }
    ]
    assert stored(connection) == []
    answered = take(ReceivedFile.objects.get(), date_order="mdy")
    assert answered.status == "taken"
    dates = [row[0].date().isoformat() for row in stored(connection, "returns", "return_date")]
    assert dates == ["2026-03-04", "2026-05-05"]


def test_what_was_answered_is_not_asked_again(connection) -> None:
    taken(connection, lines("R1,1,03/04/2026,7,1"), date_order="dmy")
    outcome = taken(connection, lines("R2,1,03/04/2026,7,1"), "returns_2026-06-02T02-00-00.csv")
    assert outcome.status == "taken"
    assert {row[0].date().isoformat() for row in stored(connection, "returns", "return_date")} == {
        "2026-04-03"
    }


@pytest.mark.parametrize(("clear", "expected"), [("25/12/2025", 4), ("12/25/2025", 3)])
def test_another_date_of_the_file_may_tell(connection, clear, expected) -> None:
    assert taken(connection, lines("R1,1,03/04/2026,7,1", f"R1,2,{clear},7,1")).status == "taken"
    assert stored(connection, "returns", "return_date")[0][0].month == expected


def test_dates_that_contradict_each_other_are_asked_about(connection) -> None:
    content = lines("R1,1,03/04/2026,7,1", "R1,2,25/12/2025,7,1", "R1,3,12/25/2025,7,1")
    assert taken(connection, content).status == "needs_answer"
    answered = take(ReceivedFile.objects.get(), date_order="dmy")
    assert (answered.accepted, answered.problems[0].code) == (2, "no_such_day")


def test_numbers_of_a_mac_are_asked_about(connection) -> None:
    """44711 is 30 May 2022 in Excel, and 31 May 2026 where years begin in 1904."""
    outcome = taken(connection, lines("R1,1,44711,7,1"))
    assert (outcome.status, outcome.questions[0]["kind"]) == ("needs_answer", "date_system")
    assert take(ReceivedFile.objects.get(), date_order="1904").status == "taken"
    assert stored(connection, "returns", "return_date") == [(datetime(2026, 5, 31, tzinfo=UTC),)]


def test_columns_are_asked_for_and_remembered(connection) -> None:
    german = "Retoure;Position;return date;Bestellung;Menge"
    outcome = taken(connection, lines("R1;1;2026-05-30;7;1", header=german))
    assert outcome.status == "needs_answer"
    assert outcome.questions[0]["missing"] == ["return_id", "line_id", "order_id", "quantity"]
    assert outcome.questions[0]["choices"] == ["Retoure", "Position", "Bestellung", "Menge"]
    mapping = {"Retoure": "return_id", "Position": "line_id", "Bestellung": "order_id"}
    answered = take(ReceivedFile.objects.get(), mapping={**mapping, "Menge": "quantity"})
    assert (answered.status, stored(connection)) == ("taken", [("R1", "1")])
    other = lines("R2;1;2026-05-30;7;1", header=german.upper())
    assert taken(connection, other, "returns_2026-06-02T02-00-00.csv").status == "taken"


def test_the_dataset_is_asked_where_the_name_says_none(connection) -> None:
    outcome = taken(connection, GOOD, "export.csv")
    assert (outcome.status, outcome.questions[0]["kind"]) == ("needs_answer", "dataset")
    assert outcome.questions[0]["choices"][0] == "returns"


# --- what wins ---


def test_the_newest_version_wins_whether_it_was_pulled_or_sent(connection) -> None:
    def pulled(day: int, status: str) -> None:
        row = RETURNS.row(
            return_id="R1",
            line_id="1",
            return_date=NOW,
            order_id="7",
            quantity=1,
            source="rma",
            status=status,
            updated_at=datetime(2026, 5, day, tzinfo=UTC),
        )
        storing.store(connection, RETURNS, [row])

    def sent(day: int, status: str) -> None:
        header = f"{HEADER},status,updated_at"
        row = f"R1,1,2026-05-30,7,1,{status},2026-05-{day:02d}"
        taken(connection, lines(row, header=header), f"returns_2026-06-01T02-00-{day:02d}.csv")

    def winner() -> tuple[Any, ...]:
        (row,) = stored(connection, "returns", "status", "origin", "file_row")
        return tuple(row)

    pulled(10, "open")
    sent(9, "older")
    assert winner() == ("open", "api", None)
    sent(11, "approved")
    assert winner() == ("approved", "file", 2)
    pulled(10, "older")
    assert winner() == ("approved", "file", 2)
    pulled(12, "closed")
    assert winner() == ("closed", "api", None)


def test_rows_without_a_date_are_as_old_as_their_file(connection) -> None:
    for name, quantity in (("02", "2"), ("01", "1"), ("03", "3")):
        content = lines(f"R1,1,2026-05-30,7,{quantity}")
        taken(connection, content, f"returns_2026-05-{name}T02-00-00.csv")
        expected = Decimal("2" if name != "03" else "3")
        assert stored(connection, "returns", "quantity") == [(expected,)]


def test_what_a_file_does_not_speak_of_stays(connection) -> None:
    first = lines("R1,1,2026-05-30,7,1,closed", header=f"{HEADER},status")
    taken(connection, first, "returns_2026-05-01T02-00-00.csv")
    taken(connection, lines("R1,1,2026-05-30,7,2"), "returns_2026-05-02T02-00-00.csv")
    assert stored(connection, "returns", "quantity", "status") == [(Decimal(2), "closed")]


def test_of_a_record_that_stands_several_times_the_newest_counts(connection) -> None:
    rows = ["R1,1,2026-05-30,7,1,2026-05-02", "R1,1,2026-05-30,7,2,2026-05-03"]
    rows += ["R1,1,2026-05-30,7,3,2026-05-01"]
    outcome = taken(connection, lines(*rows, header=f"{HEADER},updated_at"))
    assert (outcome.accepted, outcome.rejected) == (3, 0)
    assert [(one.row, one.code) for one in outcome.problems] == [(3, "repeated"), (4, "repeated")]
    assert stored(connection, "returns", "quantity") == [(Decimal(2),)]


def test_people_are_pseudonyms_as_they_are_when_pulled(connection) -> None:
    header = "order_id,line_id,order_date,product_id,variant_id,quantity,customer"
    rows = [f"1,{n},2026-05-30,P,V,1,{who}" for n, who in enumerate(["A@b.fr", "a@B.fr", "17", ""])]
    taken(connection, lines(*rows, header=header), "orders.csv")
    first, second, third, none = (row[0] for row in stored(connection, "orders", "customer_ref"))
    assert (first == second, first != third, none) == (True, True, None)
    assert "b.fr" not in first
    assert len(first) == 64


# --- across files ---


def test_what_rows_name_is_looked_up_among_what_was_received(connection) -> None:
    order = ORDERS.row(
        order_id="7", line_id="70", order_date=NOW, product_id="P", variant_id="V", quantity=1
    )
    storing.store(connection, ORDERS, [order])
    header = f"{HEADER},order_line_id"
    rows = ["R1,1,2026-05-30,7,1,70", "R1,2,2026-05-30,7,1,71", "R1,3,2026-05-30,7,1,"]
    outcome = taken(connection, lines(*rows, header=header))
    assert (outcome.accepted, outcome.rejected) == (3, 0)
    assert [(one.row, one.code, one.value) for one in outcome.problems] == [
        (3, "unknown_order_line", "71")
    ]
    outcome = taken(connection, lines("R2,1,2026-05-30,8,1"), "returns.csv")
    assert [(one.row, one.code, one.value) for one in outcome.problems] == [
        (2, "unknown_order", "8")
    ]


PRODUCTS = (
    "product_id,variant_id,sku,ean,title,description,url,images,category,gender,size_label,active,"
    "is_new,is_children"
)


def product(id: str, variant: str, size: str = "M") -> str:
    return (
        f"{id},{variant},{variant}-s,0123456789123,Robe,Une robe,https://a.example/r,"
        f'"[""https://a.example/a.jpg""]",Robes,Femme,{size},oui,non,0'
    )


def test_sizes_and_variants_are_those_of_the_products(connection) -> None:
    products = lines(product("P", "V1", "S"), product("P", "V2", "M"), header=PRODUCTS)
    assert taken(connection, products, "products.csv").status == "taken"
    header = f"{HEADER},variant_id,size"
    rows = [f"R1,{n},2026-05-30,7,1,{v}" for n, v in enumerate(["V1,S", "V3,XXS/34", "V2,XXS/34"])]
    outcome = taken(connection, lines(*rows, header=header))
    assert [group.message for group in outcome.groups] == [
        "2 rows: Unknown size label “XXS/34”: no received product has it",
        "1 row: Unknown variant “V3”: no product with this id was received",
    ]


def test_a_product_with_one_variant_is_told(connection) -> None:
    rows = [product("P", "V1"), product("P", "V2"), product("Q", "V3")]
    outcome = taken(connection, lines(*rows, header=PRODUCTS), "products.csv")
    assert [(one.row, one.code) for one in outcome.problems] == [(4, "only_variant")]
    (row,) = TABLES["products"].objects.filter(variant_id="V3").values()
    assert (row["images"], row["gender"], row["active"]) == (
        ["https://a.example/a.jpg"],
        "female",
        True,
    )


# --- interrupted ---


def many(count: int) -> bytes:
    return lines(*(f"R{n},1,2026-05-30,7,1" for n in range(count)))


def test_a_file_that_is_interrupted_goes_on_where_it_stopped(connection, monkeypatch) -> None:
    monkeypatch.setattr(taking, "BLOCK", 4_000)
    file = send(connection, many(1_000))
    begin(file)
    assert taking.take_slice(file, seconds=0) is True
    file.refresh_from_db()
    stored_first = TABLES["returns"].objects.count()
    assert (file.state, 0 < stored_first < 1_000, file.created) == ("storing", True, stored_first)
    slices = 1
    while taking.take_slice(file, seconds=0):
        slices += 1
    file.refresh_from_db()
    assert (file.state, TABLES["returns"].objects.count(), file.created) == ("taken", 1_000, 1_000)
    assert slices > 5


def test_a_block_that_is_not_stored_moves_nothing(connection, monkeypatch) -> None:
    monkeypatch.setattr(taking, "BLOCK", 4_000)
    real, calls = taking.storing_files.store_lines, []

    def breaks(*args: Any) -> Any:
        calls.append(real(*args))
        if len(calls) == 3:
            raise OperationalError("the server went away")
        return calls[-1]

    monkeypatch.setattr(taking.storing_files, "store_lines", breaks)
    file = send(connection, many(1_000))
    with pytest.raises(OperationalError):
        take(file)
    file.refresh_from_db()
    assert file.created == TABLES["returns"].objects.count() == sum(c.created for c in calls[:2])
    ReceivedFile.objects.update(lease_until=NOW)
    assert take(file).status == "taken"
    assert TABLES["returns"].objects.count() == 1_000
    assert (file.created, file.updated, file.unchanged) == (1_000, 0, 0)


def test_who_lost_the_file_stores_nothing(connection) -> None:
    file = send(connection, GOOD)
    begin(file)
    claim = filelife.claim(file)
    assert claim is not None
    assert filelife.claim(file) is None
    ReceivedFile.objects.update(lease_token=uuid.uuid4())
    with pytest.raises(filelife.LostError):
        claim.tick() or claim.renew()


def test_the_file_of_a_process_that_is_no_more_is_not_waited_for(connection) -> None:
    file = send(connection, GOOD)
    begin(file)
    assert filelife.claim(file) is not None
    world, _, started = holders.this_process().rpartition(":")
    ReceivedFile.objects.update(lease_holder=f"{world}:{int(started) - 1}")
    assert take(file).status == "taken"


def test_a_file_that_fails_on_our_side_says_so_and_stores_nothing(connection, monkeypatch) -> None:
    def breaks(*args: Any, **options: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(taking.examining, "_read", breaks)
    outcome = taken(connection, GOOD)
    assert (outcome.status, outcome.message) == (
        "failed",
        "Something went wrong on our side. Kleep has been told.",
    )
    assert stored(connection) == []
    monkeypatch.undo()
    assert taken(connection, GOOD).status == "taken"


# --- by workers ---


def test_a_worker_takes_a_file_in_slices_that_queue_each_other(
    connection, monkeypatch, settings, django_capture_on_commit_callbacks
) -> None:
    monkeypatch.setattr(taking, "BLOCK", 4_000)
    settings.PULL_SLICE_SECONDS = 0
    queued: list[str] = []
    monkeypatch.setattr(tasks.take_file, "delay", queued.append)
    file = send(connection, many(1_000))
    begin(file)
    with django_capture_on_commit_callbacks(execute=True):
        tasks.queue_file(file)
    while queued:
        tasks.take_file(queued.pop())
    file.refresh_from_db()
    assert (file.state, file.created) == ("taken", 1_000)
    tasks.take_file(str(file.pk))
    assert (file.created, queued) == (1_000, [])


def test_a_file_whose_worker_died_is_queued_again(connection, monkeypatch) -> None:
    queued: list[str] = []
    monkeypatch.setattr(tasks.take_file, "delay", queued.append)
    file = send(connection, GOOD)
    begin(file)
    assert filelife.claim(file) is not None
    for minutes, expected in ((1, []), (4, [str(file.pk)]), (5, [str(file.pk)])):
        with time_machine.travel(NOW + timedelta(minutes=minutes)):
            tasks.queue_due()
        assert queued == expected


def test_a_file_that_kills_its_workers_is_given_up(connection, settings) -> None:
    file = send(connection, GOOD)
    begin(file)
    for _attempt in range(settings.PULL_ATTEMPTS):
        assert filelife.claim(file) is not None
        ReceivedFile.objects.update(lease_until=NOW)
    assert taking.take_slice(file, seconds=1) is False
    file.refresh_from_db()
    assert (file.state, file.detail) == ("failed", "10 attempts ended without a word")


def test_what_files_held_is_forgotten_after_a_while(connection, settings) -> None:
    outcome = taken(connection, lines("R1,,2026-05-30,7,1", "R1,2,2026-05-30,7,1"))
    waiting = send(connection, many(2), "orders.csv")
    with time_machine.travel(NOW + timedelta(days=29)):
        assert filelife.forget_old() == 0
    with time_machine.travel(NOW + timedelta(days=31)):
        assert filelife.forget_old() == 1
        assert filelife.forget_old() == 0
    assert not default_storage.exists(outcome.report)
    assert default_storage.exists(waiting.content.name)
    file = ReceivedFile.objects.get(name=NAME)
    assert (file.content.name, file.report.name, file.rejected) == ("", "", 1)
    assert taken(connection, GOOD, "returns_2026-06-30T02-00-00.csv").status == "taken"


def test_a_file_is_held_while_its_report_is_written_and_its_rows_are_put_aside(
    connection, monkeypatch
) -> None:
    """Each of these may take longer than a lease."""
    asked, waited = [], threading.Event()
    during: dict[str, int] = {}

    def tick(self: filelife.Claim) -> None:
        asked.append(self.file_id)
        if "_store_blocks" in during:
            waited.set()

    def counted(module: Any, name: str) -> None:
        real = getattr(module, name)

        def run(*args: Any, **options: Any) -> Any:
            before = len(asked)
            result = real(*args, **options)
            during[name] = len(asked) - before
            return result

        monkeypatch.setattr(module, name, run)

    def written(_file: ReceivedFile) -> str:
        return "" if waited.wait(30) else "nobody renewed the lease"

    monkeypatch.setattr(filelife.Claim, "tick", tick)
    monkeypatch.setattr(reporting, "_write_kept", written)
    counted(reporting, "write")
    for name in ("_put_aside", "_store_blocks"):
        counted(taking, name)
    outcome = taken(connection, lines("R1,1,2026-05-30,7,1", "R2,1,2026-13-30,7,1"))
    assert (outcome.status, outcome.report) == ("taken", "")
    assert during["_put_aside"] == 2  # the rows, and what is wrong with others
    taken(connection, lines("R3,1,2026-13-30,7,1"), "returns_2026-06-02T02-00-00.csv")
    assert during["write"] == 2  # its rows, and the report on its way into the storage


def test_a_file_with_more_rows_than_a_check_has_time_for_is_refused(connection, settings) -> None:
    settings.FILE_MAX_ROWS = 2
    assert taken(connection, GOOD).status == "taken"
    content = lines(*(f"R{number},1,2026-05-30,7,1" for number in range(3)))
    outcome = taken(connection, content, "returns_2026-06-02T02-00-00.csv")
    assert outcome.status == "refused"
    assert outcome.message == "The file has more than 2 rows. Split it into several files."
    assert len(stored(connection)) == 2


def test_an_archive_that_unpacks_to_more_than_is_taken_is_to_be_split(connection, settings) -> None:
    settings.FILE_MAX_UNPACKED_BYTES = 1 << 20
    content = gzip.compress(GOOD + b"R2,1,2026-05-30,7,1\r\n" * 60_000)
    outcome = taken(connection, content, f"{NAME}.gz")
    assert outcome.status == "refused"
    assert outcome.message == "The file is larger than 1 MB. Split it into several files."


ORDER_HEADER = "order_id,line_id,order_date,product_id,variant_id,quantity"


def order(order_id: str, line_id: str) -> str:
    return f"{order_id},{line_id},2026-05-30,P,V,1"


def test_lines_that_are_numbered_in_each_order_anew_are_refused_before_one_replaces_another(
    connection,
) -> None:
    rows = [order("A1", "1"), order("A1", "2"), order("A2", "1")]
    outcome = taken(connection, lines(*rows, header=ORDER_HEADER), "orders.csv")
    assert (outcome.status, outcome.accepted) == ("refused", 0)
    assert "line_id" in outcome.message
    assert stored(connection, "orders", "line_id") == []


def test_a_line_that_stands_twice_in_the_same_order_is_no_other_orders(connection) -> None:
    rows = [order("A1", "1"), order("A1", "1"), order("A2", "2")]
    outcome = taken(connection, lines(*rows, header=ORDER_HEADER), "orders.csv")
    assert outcome.status == "taken"
    assert stored(connection, "orders", "line_id") == [("1",), ("2",)]


def test_a_file_takes_no_line_from_another_order(connection) -> None:
    row = ORDERS.row(
        order_id="500", line_id="1", order_date=NOW, product_id="P", variant_id="V", quantity=1
    )
    storing.store(connection, ORDERS, [row])
    outcome = taken(connection, lines(order("A9", "1"), header=ORDER_HEADER), "orders.csv")
    assert outcome.status == "refused"
    assert {"500", "A9"} <= {word.strip(",.") for word in outcome.message.split()}
    assert stored(connection, "orders", "order_id", "line_id") == [("500", "1")]
    same = taken(connection, lines(order("500", "1"), header=ORDER_HEADER), "orders.csv")
    assert same.status == "taken"


def test_a_line_whose_order_has_to_be_escaped_is_no_other_orders(connection) -> None:
    for quantity in ("1", "2"):
        row = order("A\\1", "1").removesuffix("1") + quantity
        sent = taken(connection, lines(row, header=ORDER_HEADER), "orders.csv")
        assert sent.status == "taken"
    assert stored(connection, "orders", "order_id", "quantity") == [("A\\1", 2)]
