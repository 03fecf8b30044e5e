"""What the pages about files say: hours, Kleep's server, nothing to send, and rows that are wrong."""

import re
from datetime import UTC, datetime
from io import BytesIO

import pytest
import time_machine
from django.template import Context, Template
from django.urls import reverse
from django.utils.translation import override

from connectors.models import ReceivedFile
from connectors.receiving import receive
from onboarding import services
from onboarding.models import FileSource, Shop
from onboarding.services import files
from tests.onboarding.conftest import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(world: World) -> Shop:
    """A shop without an API that we know: it owes everything as files."""
    shop = services.create_shop(world.merchant, "Lyon", by=None)
    services.choose_platform(shop, "other", by=None)
    shop.refresh_from_db()
    return shop


def _page(world: World, name: str, shop: Shop, *more: object, who: str = "owner") -> str:
    answer = world.client(who).get(reverse(name, args=[shop.slug, *more]))
    assert answer.status_code == 200
    shown = answer.content.decode()
    main = shown[shown.index("<main") : shown.index("</main>")]
    return re.sub(r"\s+", " ", main)


def _shown(file: ReceivedFile, *, dated: bool = False) -> list[str]:
    """The tone and the words of its state."""
    template = Template("{% load received %}{% file_status file dated=dated %}")
    drawn = template.render(Context({"file": file, "dated": dated}))
    found = re.search(r'class="status status-(\w+)"', drawn)
    assert found
    return [found[1], re.sub(r"<[^>]+>", "", drawn).strip()]


@pytest.mark.parametrize(
    ("zone", "day"), [("UTC", "15"), ("Europe/Paris", "15"), ("Asia/Tokyo", "16")]
)
def test_the_next_file_is_expected_in_the_hours_of_the_shop(
    world: World, shop: Shop, zone: str, day: str
) -> None:
    files.choose_way(shop, FileSource.Way.KLEEP, by=None)
    FileSource.objects.update(time_zone=zone)
    with time_machine.travel(datetime(2026, 1, 15, 0, 30, tzinfo=UTC), tick=False):
        page = _page(world, "files", shop)
    # In Tokyo it is half past nine in the morning: the window of that day is over.
    assert f"<dd>{day} January 2026, between 02:00 and 05:00 ({zone})</dd>" in page
    hours = f"exports them every night between 02:00 and 05:00 ({zone});"
    assert hours in _page(world, "sftp", shop)


def test_kleeps_server_is_said_to_run_only_where_it_does(
    world: World, shop: Shop, settings
) -> None:
    settings.SFTP_HOST = ""
    page = _page(world, "sftp", shop)
    assert "Kleep's SFTP server does not run yet" in page
    assert "One for each kind of file, made once the server runs:" in page
    assert "a few minutes" not in page
    settings.SFTP_HOST, settings.SFTP_KEY_FILE = "sftp.kleep.example", "/nowhere"
    settings.SFTP_HOST_KEY = (
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
    )
    page = _page(world, "sftp", shop)
    assert "does not run yet" not in page
    assert "made a few minutes after you add your first key:" in page


def test_where_no_file_is_owed_none_is_asked_for_nor_handed_on(world: World, shop: Shop) -> None:
    handed = reverse("hand_offs", args=[shop.slug])
    owing = world.client("owner").get(reverse("files", args=[shop.slug])).content.decode()
    assert f'href="{handed}?task=files"' in owing
    page = _page(world, "files", world.shop)
    assert "<h1>Files</h1>" in page
    assert "No file to send" in page
    for asked in ("comes as files", "Send them automatically", "What came so far"):
        assert asked in owing
        assert asked not in page
    whole = world.client("owner").get(reverse("files", args=[world.shop.slug])).content.decode()
    assert "?task=files" not in whole


def test_a_shop_that_is_not_connected_yet_is_not_said_to_give_everything(world: World) -> None:
    fresh = services.create_shop(world.merchant, "Nantes", by=None)
    page = _page(world, "files", fresh)
    assert "No file to send yet" in page
    assert "Kleep reads everything" not in page


def test_a_file_with_wrong_rows_is_not_shown_as_good() -> None:
    came = datetime(2026, 1, 15, 3, tzinfo=UTC)
    file = ReceivedFile(state="taken", received_at=came, accepted=3)
    assert _shown(file) == ["good", "Taken"]
    assert _shown(file, dated=True) == ["good", "Taken on 15 Jan. 2026"]
    file.rejected = 1
    assert _shown(file) == ["warn", "Taken, 1 row wrong"]
    assert _shown(file, dated=True) == ["warn", "Taken on 15 Jan. 2026, 1 row wrong"]
    file.rejected, file.state = 2113, "checked"
    assert _shown(file) == ["warn", "Checked only, 2,113 rows wrong"]
    file.state = "refused"
    assert _shown(file) == ["bad", "Refused"]
    with override("fr"):
        file.rejected, file.state = 1, "taken"
        assert _shown(file) == ["warn", "Importé, 1 ligne incorrecte"]


@pytest.mark.parametrize(
    ("accepted", "rejected", "said"),
    [
        (0, 1, "Mend it with the report and check again."),
        (1, 2, "Mend them with the report and check again, or send the good row as it is."),
        (2, 1, "Mend it with the report and check again, or send the good rows as they are."),
    ],
)
def test_what_to_do_with_a_checked_file_counts_its_rows(
    world: World, shop: Shop, accepted: int, rejected: int, said: str
) -> None:
    file = _received(shop, "returns")
    ReceivedFile.objects.update(state="checked", accepted=accepted, rejected=rejected)
    page = _page(world, "file", shop, file.pk)
    assert f"<p>{said}</p>" in page


def test_dimensions_are_a_file_of_the_products(world: World) -> None:
    file = _received(world.shop, "dimensions")
    ReceivedFile.objects.update(state="taken", accepted=1, rejected=1)
    back = reverse("dimensions", args=[world.shop.slug])
    shown = world.client("owner").get(reverse("file", args=[world.shop.slug, file.pk]))
    assert shown.context["here_step"].short == "Products"
    assert (
        shown.content.decode().count(f'href="{back}"') == 2
    )  # above the title, and for another file
    assert f'href="{back}"' not in _page(world, "file", world.shop, file.pk, who="viewer")


def _received(shop: Shop, dataset: str) -> ReceivedFile:
    return receive(
        files.target_of(shop),
        name=f"{dataset}.csv",
        stream=BytesIO(b"sku\n1\n"),
        origin=ReceivedFile.Origin.UPLOAD,
        shop=shop.slug,
        dataset=dataset,
    )
