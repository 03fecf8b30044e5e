"""The pages about files: what is owed, uploads whole and in parts, questions, reports, and who sees them."""

import csv
import io
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from connectors import filelife, samples, tasks
from connectors.datasets import DATASETS, ORDERS, PRODUCTS, RETURNS
from connectors.models import TABLES, Connection, ReceivedFile
from onboarding import owing, phases, services, uploads
from onboarding.models import Event, FileSource, SftpKey, Shop, Upload, UploadPart
from onboarding.phases.base import State
from onboarding.services import files
from tests.onboarding.conftest import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop(world: World) -> Shop:
    """A shop without an API that we know: it owes everything as files."""
    shop = services.create_shop(world.merchant, "Lyon", by=None)
    services.choose_platform(shop, "other", by=None)
    shop.refresh_from_db()
    return shop


@pytest.fixture
def owner(world: World) -> Client:
    return world.client("owner")


def _url(name: str, shop: Shop, *args: object) -> str:
    return reverse(name, args=[shop.slug, *args])


def _upload(client: Client, shop: Shop, dataset: str, content: str, *, check: str = "0") -> str:
    """The id of the file that was made of it."""
    sent = SimpleUploadedFile(f"{dataset}.csv", content.encode())
    answer = client.post(
        _url("files_upload", shop), {"dataset": dataset, "file": sent, "check_only": check}
    )
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"]).rpartition("/")[2]


def _taken(file_id: str) -> ReceivedFile:
    tasks.take_file(file_id)
    return ReceivedFile.objects.get(pk=file_id)


def _task(shop: Shop) -> phases.Task:
    return next(task for task in phases.tasks(Shop.objects.get(pk=shop.pk)) if task.key == "files")


def test_a_connected_shop_owes_nothing_and_a_shop_without_an_api_everything(
    world: World, shop: Shop
) -> None:
    assert owing.due(world.shop) == []
    assert [task for task in phases.tasks(world.shop) if task.key == "files"] == []
    due = {one.name: one.is_needed for one in owing.due(shop)}
    assert due == {"products": True, "orders": True, "returns": True, "return_reasons": False}
    assert _task(shop).state is State.INCOMPLETE


def test_the_phase_is_complete_when_each_file_that_is_needed_was_taken(
    shop: Shop, owner: Client
) -> None:
    for dataset in (PRODUCTS, ORDERS, RETURNS):
        assert _task(shop).state is State.INCOMPLETE
        file_id = _upload(owner, shop, dataset.name, samples.sample(dataset))
        assert _task(shop).state is State.WORKING
        file = _taken(file_id)
        assert (file.state, file.rows, file.accepted, file.rejected) == ("taken", 3, 3, 0)
    assert _task(shop).state is State.COMPLETED
    shop.refresh_from_db()
    for dataset in (PRODUCTS, ORDERS, RETURNS):
        assert TABLES[dataset.name].objects.filter(connection=shop.connection).count() == 3


@pytest.mark.parametrize("dataset", DATASETS.values(), ids=DATASETS)
def test_template_and_sample_are_those_of_the_declaration(
    shop: Shop, owner: Client, dataset
) -> None:
    header = [column.name for column in dataset.columns]
    for kind, rows in (("template", 0), ("sample", 3)):
        answer = owner.get(_url("file_example", shop, kind, dataset.name))
        assert answer["Content-Disposition"].startswith("attachment")
        read = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
        assert read[0] == header
        assert len(read) == rows + 1
    keys = [tuple(row[header.index(name)] for name in dataset.key) for row in read[1:]]
    assert len(set(keys)) == 3


def test_a_file_that_is_only_checked_stores_nothing_until_it_is_sent(
    shop: Shop, owner: Client
) -> None:
    file_id = _upload(owner, shop, "returns", samples.sample(RETURNS), check="1")
    assert _taken(file_id).state == "checked"
    assert TABLES["returns"].objects.count() == 0
    assert _task(shop).state is State.INCOMPLETE
    page = owner.get(_url("file", shop, file_id)).content.decode()
    assert "Everything is in order" in page
    for _click in (1, 2):
        answer = owner.post(_url("file_store", shop, file_id))
        assert answer.headers["Location"] == _url("file", shop, file_id)
    assert _taken(file_id).state == "taken"
    assert TABLES["returns"].objects.count() == 3


def _spoiled(dataset, **changes: str) -> str:
    """The sample with other values in its second row."""
    rows = list(csv.DictReader(io.StringIO(samples.sample(dataset).lstrip("\ufeff"), newline="")))
    rows[1].update(changes)
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def test_errors_are_shown_by_kind_and_by_row_and_the_report_is_given(
    shop: Shop, owner: Client
) -> None:
    file_id = _upload(owner, shop, "returns", _spoiled(RETURNS, quantity="two"))
    file = _taken(file_id)
    assert (file.state, file.accepted, file.rejected) == ("taken", 2, 1)
    page = owner.get(_url("file", shop, file_id)).content.decode()
    assert "1 row: quantity: “two” is not a number" in page
    assert re.search(r'<th scope="row" class="number">3</th>', page)
    answer = owner.get(_url("file_report", shop, file_id))
    assert answer["Content-Disposition"] == 'attachment; filename="returns-report.csv"'
    report = b"".join(answer.streaming_content).decode("utf-8-sig")
    answer.close()
    assert "two" in report


def test_a_shop_may_refuse_a_file_in_which_any_row_is_wrong(shop: Shop, owner: Client) -> None:
    rules = {"policy": "refuse_file", "time_zone": "Europe/Paris"}
    assert owner.post(_url("file_rules", shop), rules).status_code == 302
    file_id = _upload(owner, shop, "returns", _spoiled(RETURNS, quantity="two"))
    assert _taken(file_id).state == "refused"
    assert TABLES["returns"].objects.count() == 0
    assert _task(shop).state is State.PROBLEM
    page = owner.get(_url("file", shop, file_id)).content.decode()
    assert "This file was not taken" in page
    assert "Download the report" in page


def test_what_the_file_does_not_say_is_asked_and_remembered(shop: Shop, owner: Client) -> None:
    content = samples.sample(RETURNS).lstrip("\ufeff").replace("return_id", "Vorgang", 1)
    file_id = _upload(owner, shop, "returns", content)
    file = _taken(file_id)
    assert file.state == "needs_answer"
    page = owner.get(_url("file", shop, file_id)).content.decode()
    assert "Which column of your file is return_id?" in page
    answered = owner.post(_url("file_answer", shop, file_id), {"column-return_id": "Vorgang"})
    assert answered.status_code == 302
    assert _taken(file_id).state == "taken"
    again = _upload(owner, shop, "returns", content.replace("\r\n", "\n"))
    assert _taken(again).state == "taken"
    assert TABLES["returns"].objects.count() == 3


def test_a_column_that_a_file_does_not_have_is_not_asked_about_for_ever(
    shop: Shop, owner: Client
) -> None:
    content = samples.sample(RETURNS).lstrip("\ufeff").replace("return_id", "Vorgang", 1)
    file_id = _upload(owner, shop, "returns", content)
    assert _taken(file_id).state == "needs_answer"
    page = owner.post(_url("file_answer", shop, file_id), {"column-return_id": ""})
    assert page.status_code == 200
    assert "It is needed. Where your file does not have it, add it there" in page.content.decode()
    assert "(optional)" not in page.content.decode()
    assert ReceivedFile.objects.get().state == "needs_answer"


def test_a_file_of_another_kind_is_said_to_be_one(shop: Shop, owner: Client) -> None:
    file_id = _upload(owner, shop, "returns", samples.sample(ORDERS))
    assert _taken(file_id).state == "refused"
    page = owner.get(_url("file", shop, file_id)).content.decode()
    assert "These are the columns of orders, and the file was sent as returns." in page
    assert not TABLES["orders"].objects.exists()


def test_a_heading_cannot_be_two_columns(shop: Shop, owner: Client) -> None:
    content = samples.sample(RETURNS).lstrip("\ufeff")
    content = content.replace("return_id", "Vorgang", 1).replace("line_id", "Zeile", 1)
    file_id = _upload(owner, shop, "returns", content)
    assert _taken(file_id).state == "needs_answer"
    twice = {"column-return_id": "Vorgang", "column-line_id": "Vorgang"}
    page = owner.post(_url("file_answer", shop, file_id), twice)
    assert "You chose one column of your file twice." in page.content.decode()
    assert ReceivedFile.objects.get().state == "needs_answer"


def test_a_spreadsheet_is_refused_with_what_to_do(shop: Shop, owner: Client) -> None:
    sent = SimpleUploadedFile("returns.xlsx", b"PK\x03\x04" + b"[Content_Types].xml" * 20)
    answer = owner.post(_url("files_upload", shop), {"dataset": "returns", "file": sent})
    file = _taken(str(answer["Location"]).rpartition("/")[2])
    assert file.state == "refused"
    page = owner.get(_url("file", shop, file.pk)).content.decode()
    assert str(file.message).split(".")[0] in page


def test_a_form_without_a_file_says_what_is_missing(shop: Shop, owner: Client) -> None:
    page = owner.post(_url("files_upload", shop), {"dataset": "returns"})
    assert page.status_code == 200
    assert "error-summary" in page.content.decode()
    assert ReceivedFile.objects.count() == 0
    assert Connection.objects.filter(platform="files").count() == 0


class Parts:
    """An upload in parts, as the page's script sends it."""

    def __init__(self, client: Client, shop: Shop, content: bytes) -> None:
        self.client, self.shop, self.content = client, shop, content

    def start(self) -> dict[str, object]:
        fields = {"name": "returns.csv", "size": len(self.content), "modified": 1}
        return dict(self.client.post(_url("upload_start", self.shop), fields).json())

    def send(self, url: object, at: int, to: int, dataset: str = "returns"):
        part = SimpleUploadedFile("part", self.content[at:to])
        fields = {"offset": at, "part": part, "dataset": dataset, "check_only": "0"}
        return self.client.post(str(url), fields)


def _kept() -> list[Path]:
    folder = Path(settings.STORAGES["default"]["OPTIONS"]["location"]) / "uploads"
    return [path for path in folder.rglob("*") if path.is_file()] if folder.exists() else []


def test_parts_make_the_file_and_go_on_after_a_cut(shop: Shop, owner: Client) -> None:
    content = samples.sample(RETURNS).encode()
    parts = Parts(owner, shop, content)
    started = parts.start()
    assert started["offset"] == 0
    assert parts.send(started["url"], 0, 100).json() == {"offset": 100}
    # The page was closed; the same file goes on, another one would not.
    again = parts.start()
    assert again == {**started, "offset": 100}
    assert Parts(owner, shop, content + b"x").start()["url"] != started["url"]
    # A part that came before, one that leaves a gap, and one too many: nothing of them is kept.
    for at in (0, 200):
        assert parts.send(started["url"], at, at + 50).status_code == 409
    assert parts.send(started["url"], 100, 250).json() == {"offset": 250}
    done = parts.send(started["url"], 250, len(content)).json()["done"]
    file = _taken(done.rpartition("/")[2])
    assert (file.state, file.size, file.accepted) == ("taken", len(content), 3)
    assert Upload.objects.count() == 1  # the other one
    assert _kept() == []


def test_a_whole_upload_that_was_not_received_goes_on_with_nothing_more_to_send(
    shop: Shop, owner: Client
) -> None:
    content = samples.sample(RETURNS).encode()
    parts = Parts(owner, shop, content)
    started = parts.start()
    assert parts.send(started["url"], 0, len(content), dataset="stocks").status_code == 404
    again = parts.start()
    assert again["offset"] == len(content)
    done = parts.send(again["url"], len(content), len(content)).json()["done"]
    assert _taken(done.rpartition("/")[2]).state == "taken"
    assert not Upload.objects.exists()


def test_an_upload_is_nobody_elses(world: World, shop: Shop, owner: Client) -> None:
    content = samples.sample(RETURNS).encode()
    started = Parts(owner, shop, content).start()
    for who in ("anonymous", "stranger", "viewer"):
        answer = Parts(world.client(who), shop, content).send(started["url"], 0, 100)
        assert answer.status_code in (302, 403, 404)
    elsewhere = str(started["url"]).replace(shop.slug, world.shop.slug)
    assert Parts(owner, world.shop, content).send(elsewhere, 0, 100).status_code == 404
    assert _kept() == []


def test_what_is_too_large_or_empty_is_not_begun(shop: Shop, owner: Client, settings) -> None:
    settings.FILE_MAX_BYTES = 1_000
    for size in (0, 1_001):
        fields = {"name": "returns.csv", "size": size, "modified": 1}
        answer = owner.post(_url("upload_start", shop), fields)
        assert answer.status_code == 400
        assert "error" in answer.json()
    assert Upload.objects.count() == 0


def test_a_file_of_another_shop_does_not_exist(world: World, shop: Shop, owner: Client) -> None:
    file_id = _upload(owner, shop, "returns", samples.sample(RETURNS))
    stranger = world.client("stranger")
    for name in ("file", "file_state", "file_report"):
        assert stranger.get(_url(name, shop, file_id)).status_code == 404
        # Nor below the address of another shop of the same merchant.
        assert owner.get(_url(name, world.shop, file_id)).status_code == 404


def test_a_file_of_a_shop_with_the_same_connection_does_not_exist(
    world: World, shop: Shop, owner: Client
) -> None:
    """Whoever holds a link to one shop's files sees those of that shop alone."""
    content = samples.sample(RETURNS)
    file_id = _upload(owner, shop, "returns", content)
    mine = _upload(owner, _beside(world, shop), "returns", content)
    assert mine != file_id  # the same content, and a file of its own
    world.shop.refresh_from_db()
    holder = world.client("holder of files")
    for name in ("file", "file_state"):
        assert holder.get(_url(name, world.shop, mine)).status_code == 200
        assert holder.get(_url(name, world.shop, file_id)).status_code == 404
    assert holder.post(_url("file_store", world.shop, file_id)).status_code == 404
    page = holder.get(_url("files", world.shop)).content.decode()
    assert mine in page
    assert file_id not in page
    # The rows are both shops': what one sent is owed by none.
    _taken(file_id)
    (returns,) = [one for one in owing.due(world.shop) if one.name == "returns"]
    assert returns.is_done
    assert returns.last == ReceivedFile.objects.get(pk=mine)


def _beside(world: World, shop: Shop) -> Shop:
    """The world's shop, with the connection of the other."""
    connection = Shop.objects.get(pk=shop.pk).connection
    Shop.objects.filter(pk=world.shop.pk).update(connection=connection)
    return Shop.objects.get(pk=world.shop.pk)


def test_a_private_key_pasted_by_mistake_is_answered_and_forgotten(
    shop: Shop, owner: Client
) -> None:
    from connectors import sshkeys

    pair = sshkeys.make_pair("x")
    body = pair.private.splitlines()[2]
    page = owner.post(_url("sftp_key_add", shop), {"name": "ERP", "key": pair.private})
    text = page.content.decode()
    assert "This is a private key. We have not kept it" in text
    assert body not in text
    assert Event.objects.filter(kind="sftp_key_added").count() == 0


def test_who_holds_a_link_sees_and_removes_only_keys_that_it_added(
    world: World, owner: Client
) -> None:
    """The account is the whole merchant's: other keys open the folders of other shops."""
    owner.post(_url("sftp_key_make", world.shop), {"name": "Nightly export of the ERP"})
    holder = world.client("holder of files")
    assert "Key of the agency" not in holder.get(_url("sftp", world.shop)).content.decode()
    holder.post(_url("sftp_key_make", world.shop), {"name": "Key of the agency"})
    page = holder.get(_url("sftp", world.shop)).content.decode()
    assert "Key of the agency" in page
    assert "Nightly export of the ERP" not in page
    theirs, added = SftpKey.objects.order_by("pk")
    assert holder.post(_url("sftp_key_remove", world.shop, theirs.pk)).status_code == 404
    assert SftpKey.objects.count() == 2
    # Another link to the same shop is another holder.
    SftpKey.objects.filter(pk=added.pk).update(hand_off=None)
    assert holder.post(_url("sftp_key_remove", world.shop, added.pk)).status_code == 404
    SftpKey.objects.filter(pk=added.pk).update(hand_off=world.link("holder of files"))
    assert holder.post(_url("sftp_key_remove", world.shop, added.pk)).status_code == 302
    assert list(SftpKey.objects.all()) == [theirs]
    both = owner.get(_url("sftp", world.shop)).content.decode()
    assert "Nightly export of the ERP" in both
    assert owner.post(_url("sftp_key_remove", world.shop, theirs.pk)).status_code == 302


@pytest.mark.parametrize("state", ["checked", "needs_answer"])
def test_a_file_that_waited_too_long_says_that_it_is_gone(
    shop: Shop, owner: Client, settings, state: str
) -> None:
    content = samples.sample(RETURNS)
    if state == "needs_answer":
        content = content.replace("return_id", "Kennung", 1)
    file = _taken(_upload(owner, shop, "returns", content, check="1"))
    assert file.state == state
    page = owner.get(_url("file", shop, file.pk)).content.decode()
    assert "This file is no longer here" not in page
    settings.FILE_KEEP_DAYS = 0
    assert filelife.forget_old() == 1
    page = owner.get(_url("file", shop, file.pk)).content.decode()
    assert "This file is no longer here" in page
    assert "send it again" in page
    for name in ("file_store", "file_answer"):
        assert _url(name, shop, file.pk) not in page
    owner.post(_url("file_store" if state == "checked" else "file_answer", shop, file.pk))
    file.refresh_from_db()
    assert file.state == state


def test_what_a_shop_may_begin_is_bounded(shop: Shop, owner: Client, settings) -> None:
    settings.FILE_MAX_BYTES = 100
    fields = {"name": "returns.csv", "size": 100}
    for number in (1, 2):
        answer = owner.post(_url("upload_start", shop), {**fields, "modified": number})
        assert answer.status_code == 200
    refused = owner.post(_url("upload_start", shop), {"name": "x.csv", "size": 1, "modified": 3})
    assert refused.status_code == 400
    assert "begun and not finished" in refused.json()["error"]
    assert Upload.objects.count() == 2
    # What was begun goes on.
    assert owner.post(_url("upload_start", shop), {**fields, "modified": 2}).status_code == 200


def test_a_part_that_was_kept_before_a_crash_goes_with_its_upload(shop: Shop, monkeypatch) -> None:
    upload = uploads.start(shop, name="returns.csv", size=10, modified=1)

    class Killed(BaseException):
        pass

    def killed(**_values: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(UploadPart.objects, "create", killed)
        with pytest.raises(Killed):
            uploads.add(upload, 0, SimpleUploadedFile("part", b"12345"))
    assert uploads.add(upload, 0, SimpleUploadedFile("part", b"12345")) == 5
    assert len(_kept()) == 2
    uploads.remove(upload)
    assert _kept() == []


def test_a_pair_that_is_made_is_shown_once(shop: Shop, owner: Client) -> None:
    page = owner.post(_url("sftp_key_make", shop), {"name": "ERP"})
    text = page.content.decode()
    assert "-----BEGIN OPENSSH PRIVATE KEY-----" in text
    assert "no-store" in page["Cache-Control"]
    again = owner.get(_url("sftp", shop)).content.decode()
    assert "PRIVATE KEY-----" not in again
    assert "ERP" in again


def test_a_key_without_a_name_is_named_after_itself_in_every_language(
    shop: Shop, owner: Client
) -> None:
    owner.cookies[settings.LANGUAGE_COOKIE_NAME] = "fr"
    owner.post(_url("sftp_key_make", shop), {"name": ""})
    owner.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    assert SftpKey.objects.get().name == f"kleep-{shop.slug}"
    assert f"kleep-{shop.slug}" in owner.get(_url("sftp", shop)).content.decode()


def test_the_ways_are_chosen_and_the_own_server_needs_to_be_set_up_first(
    shop: Shop, owner: Client
) -> None:
    answer = owner.post(_url("file_way", shop), {"way": "own"})
    assert answer["Location"] == _url("file_server", shop)
    assert FileSource.objects.count() == 0
    owner.post(_url("file_way", shop), {"way": "kleep"})
    assert files.source_of(shop).way == "kleep"
    assert owner.post(_url("file_way", shop), {"way": "pigeon"}).status_code == 404


def test_a_server_that_is_not_reached_is_named_at_the_field(shop: Shop, owner: Client) -> None:
    page = owner.post(_url("file_server", shop), {"host": "127.0.0.1", "port": "1"})
    at_the_field = re.search(r'id="id_host_error">(.*?)</div>', page.content.decode(), re.DOTALL)
    assert at_the_field
    assert "127.0.0.1 refuses connections on port 1. Is it running?" in at_the_field[1]
    assert files.source_of(shop).server is None
