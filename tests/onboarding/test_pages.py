"""The pages on a simulated shop: what a check, a pull and the data show, in words and numbers."""

import io
import json
import re
import zipfile

import pytest
from django.test import Client
from django.urls import reverse

from connectors import arrivals, checking, exporting, pulling
from connectors.datasets import DATASETS
from connectors.models import TABLES, Check, CheckLine, Connection, PullRun
from onboarding import phases
from onboarding.models import Event, Shop
from tests.onboarding.conftest import World
from tests.onboarding.magento import Magento, connected, page

pytestmark = pytest.mark.django_db(transaction=True)


# --- the check ---


def test_a_line_says_what_is_missing_where_it_is_and_what_to_hand_on(
    client: Client, shop: Shop, magento: Magento
) -> None:
    connected(client, shop, magento.fields("no-sales"))
    checking.run(Check.objects.get())
    shown = page(client, "check", shop)
    assert "cannot be read." in shown
    assert "<code>Magento_Sales::actions_view</code>" in shown
    assert "- Sales > Operations > Orders > Actions > View (Magento_Sales::actions_view)" in shown
    assert "System > Extensions > Integrations, open the Kleep integration, tab API" in shown
    assert f'<a href="/shops/{shop.slug}/access">Enter changed credentials</a>' in shown
    assert "hx-get" not in shown


def test_the_message_to_hand_on_is_there_in_the_readers_language_first(
    client: Client, shop: Shop, magento: Magento
) -> None:
    connected(client, shop, magento.fields("no-sales"))
    checking.run(Check.objects.get())
    shown = page(client, "check", shop)
    texts = re.findall(r"<textarea[^>]*>(.*?)</textarea>", shown, re.DOTALL)
    assert "please give Kleep these 2 permissions in Lyon:" in texts[0]
    assert "merci de donner à Kleep ces 2 permissions dans Lyon" in texts[1]
    for text in texts:
        assert text.count("(Magento_Sales::actions_view)") == 1
        assert text.count("(Magento_Sales::sales_creditmemo)") == 1
    client.post("/language", {"language": "fr", "next": "/"})
    french = re.findall(r"<textarea[^>]*>(.*?)</textarea>", page(client, "check", shop), re.DOTALL)
    assert french == texts[::-1]


def test_the_check_says_where_returns_and_stock_come_from(
    client: Client, shop: Shop, magento: Magento
) -> None:
    connected(client, shop, magento.fields())
    assert "What is read from where" not in page(client, "check", shop)
    checking.run(Check.objects.get())
    shown = page(client, "check", shop)
    assert "<dt>Returned articles</dt><dd>Credit memos</dd>" in shown
    assert "<dt>Stock figures</dt><dd>Stock by source</dd>" in shown


def _lines(shown: str) -> dict[str, str]:
    """The text of each line of the check, by its resource."""
    found = re.findall(r'<li class="line" id="line-(\w+)"[^>]*>(.*?)\n</li>', shown, re.DOTALL)
    return {name: " ".join(re.sub(r"<[^>]+>", " ", text).split()) for name, text in found}


def test_what_stands_in_for_what_the_shop_has_not_is_said_as_it_is(
    client: Client, shop: Shop, magento: Magento
) -> None:
    """Read already, not allowed yet, or to be sent by the merchant."""
    connected(client, shop, magento.fields())
    checking.run(Check.objects.get())
    absent = (
        "Returns with their reasons exist only in Adobe Commerce. Credit memos or CSV files stand in for"
        " them."
    )
    line = _lines(page(client, "check", shop))["returns"]
    assert line.endswith(f"{absent} Kleep reads this instead: Credit memos.")

    Check.objects.get().lines.filter(resource="creditmemos").update(status="missing_permission")
    shown = page(client, "check", shop)
    said = "Kleep can read this instead, once it is allowed to: Credit memos."
    assert _lines(shown)["returns"].endswith(f"{absent} {said}")
    nothing = "Nothing yet: the permission is missing for “Credit memos”"
    assert f"<dt>Returned articles</dt><dd>{nothing}</dd>" in shown

    Check.objects.get().lines.filter(resource="creditmemos").update(status="not_available")
    shown = page(client, "check", shop)
    assert "this instead" not in _lines(shown)["returns"]
    assert 'files">Not from your shop: send them as files</a>' in shown

    Check.objects.get().lines.filter(resource="returns").update(status="empty", count=0)
    assert "<dd>Nothing yet: see the lines above</dd>" in page(client, "check", shop)


def test_a_line_counts_what_there_is_to_count_and_says_of_what(
    client: Client, shop: Shop, magento: Magento
) -> None:
    connected(client, shop, magento.fields())
    checking.run(Check.objects.get())
    lines = _lines(page(client, "check", shop))
    assert "record" not in lines["modules"]
    assert "go-live" not in lines["modules"]
    assert "1 record does not block" in lines["creditmemo"]
    counted = Check.objects.get().lines.get(resource="products").count
    assert (
        f"{counted} records (products, and each of their variants) needed to" in lines["products"]
    )


def test_the_lines_update_themselves_until_the_check_is_over(
    client: Client, shop: Shop, magento: Magento
) -> None:
    connected(client, shop, magento.fields())
    running = page(client, "check_lines", shop)
    assert f'hx-get="/shops/{shop.slug}/check/lines"' in running
    assert "0 of 14 tested." in running
    assert '<meta http-equiv="refresh"' in page(client, "check", shop)
    checking.run(Check.objects.get())
    over = page(client, "check_lines", shop)
    assert "hx-get" not in over
    assert "Everything that is needed can be read." in over
    assert '<meta http-equiv="refresh"' not in page(client, "check", shop)


def test_the_check_says_what_became_of_the_data(
    client: Client, shop: Shop, magento: Magento
) -> None:
    connection = connected(client, shop, magento.fields())
    checking.run(Check.objects.get())
    assert "Your data is being brought in by itself" in page(client, "check", shop)
    pulling.pull(connection, "orders")
    shown = page(client, "check", shop)
    assert "Your data has arrived." in shown
    assert f'href="/shops/{shop.slug}/data">Look at your data' in shown
    assert "being brought in" not in shown


def test_one_line_is_tested_again_and_the_others_stay(
    client: Client, shop: Shop, magento: Magento
) -> None:
    connected(client, shop, magento.fields())
    checking.run(Check.objects.get())
    client.post(reverse("check_again", args=[shop.slug, "orders"]))
    lines = dict(Check.objects.get().lines.values_list("resource", "status"))
    assert lines.pop("orders") == CheckLine.Status.NOT_TESTED
    assert CheckLine.Status.NOT_TESTED not in lines.values()
    absent = client.post(reverse("check_again", args=[shop.slug, "nothing"]))
    assert absent.status_code == 404


# --- the pull and the data ---


@pytest.fixture
def pulled(client: Client, shop: Shop, magento: Magento) -> Connection:
    connection = connected(client, shop, magento.fields())
    checking.run(Check.objects.get())
    for resource in ("products", "orders", "customers"):
        pulling.pull(connection, resource)
    return connection


def test_a_pull_that_may_begin_tells_of_a_check_that_found_a_problem(
    client: Client, shop: Shop, magento: Magento
) -> None:
    connected(client, shop, magento.fields("no-sales"))
    note = "The check found something that Kleep is not allowed to read"
    assert note not in page(client, "pull", shop)
    checking.run(Check.objects.get())
    shown = page(client, "pull", shop)
    assert note in shown
    assert "Start the first pull" in shown


def test_the_progress_tells_what_was_read_and_what_became_of_it(
    client: Client, shop: Shop, pulled: Connection
) -> None:
    shown = re.sub(r"\s+", " ", page(client, "pull", shop))
    assert "15 of 15 records read · " in shown
    read = PullRun.objects.get(cursor__resource="products").fetched
    assert f"{read} of {read} records read (products, and each of their variants) · " in shown
    assert "Everything has arrived." in shown
    orders = TABLES["orders"].objects.filter(connection=pulled).count()
    assert (
        f' · <span class="whole">{orders} new rows</span></p>' in shown
    )  # and nothing of what did not happen


def test_a_pull_that_failed_says_what_stopped_it(
    client: Client, shop: Shop, magento: Magento
) -> None:
    connection = connected(client, shop, magento.fields("no-sales"))
    pulling.pull(connection, "orders")
    shown = page(client, "pull", shop)
    assert "One part stopped." in shown
    assert "tick Sales > Operations > Orders > Actions > View" in shown


def test_the_preview_has_twenty_variants_ten_orders_and_nothing_personal(
    client: Client, shop: Shop, magento: Magento, pulled: Connection
) -> None:
    shown = page(client, "data", shop)
    variants, orders = re.findall(r"<tbody>(.*?)</tbody>", shown, re.DOTALL)
    assert variants.count("<tr>") == 20
    ids = re.findall(r"<tr><td>(.*?)</td>", orders)
    assert len(set(ids)) == 10
    main = shown[shown.index("<main") : shown.index("</main>")]
    assert re.findall(r"[\w.+-]+@[\w-]+\.\w+", main) == []
    words = set(re.findall(r"[\w-]+", re.sub(r"<[^>]+>", " ", main)))
    assert words.isdisjoint({person.last_name for person in magento.shop.people})


def test_counts_are_those_of_the_tables(client: Client, shop: Shop, pulled: Connection) -> None:
    shown = re.sub(r"\s+", " ", page(client, "data", shop))
    lines = TABLES["orders"].objects.filter(connection=pulled).count()
    assert f"<dt>order lines</dt><dd>{lines}</dd>" in shown


def test_a_sample_is_said_to_be_one_and_of_how_many(
    client: Client, shop: Shop, pulled: Connection
) -> None:
    shown = re.sub(r"\s+", " ", page(client, "data", shop))
    lines = TABLES["orders"].objects.filter(connection=pulled).count()
    variants = len(list(exporting.read(pulled, DATASETS["products"], scope=shop.store)))
    assert variants > 20
    assert f">The first 20 of {variants} variants</h2>" in shown
    assert f"<dt>variants of products</dt><dd>{variants}</dd>" in shown
    assert ">The 10 orders that arrived last</h2>" in shown
    orders = shown[shown.index('id="orders-title"') :]
    listed = orders[: orders.index("</tbody>")].count("<tr><td>")
    assert f"{listed} of {lines} order lines, one for each article ordered." in orders


def test_a_status_is_said_in_the_readers_language_where_it_is_magentos_own(
    client: Client, shop: Shop, pulled: Connection
) -> None:
    orders = TABLES["orders"].objects.filter(connection=pulled)
    newest = orders.order_by("-pk").values_list("order_id", flat=True)[0]
    orders.filter(order_id=newest).update(status="holded")
    orders.exclude(order_id=newest).update(status="in the atelier")
    client.post("/language", {"language": "fr", "next": "/"})
    shown = page(client, "data", shop)
    statuses = set(re.findall(r"<td>([^<]*)</td></tr>", shown[shown.index("orders-title") :]))
    assert statuses == {"Suspendue", "in the atelier"}


def test_one_is_counted_as_one() -> None:
    said = {name: str(text % {"rows": 1}) for name, text in arrivals.COUNTED.items()}
    assert said["dimensions"] == "measured article"
    assert {name: str(text % {"rows": 2}) for name, text in arrivals.COUNTED.items()} == {
        name: str(label) for name, label in arrivals.LABELS.items()
    }


@pytest.mark.parametrize("format", ["csv", "jsonl", "parquet"])
def test_an_export_is_one_zip_with_a_manifest_and_is_written_down(
    client: Client, shop: Shop, pulled: Connection, format: str
) -> None:
    answer = client.post(reverse("export", args=[shop.slug]), {"format": format})
    body = b"".join(answer.streaming_content)
    answer.close()
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        names = {file["name"] for file in manifest["files"]}
        assert names | {"manifest.json"} == set(archive.namelist())
    assert f"orders.{format}" in names
    event = Event.objects.filter(shop=shop, kind="data_exported").get()
    assert event.data == {"format": format}


def test_an_unknown_format_is_not_exported(client: Client, shop: Shop, pulled: Connection) -> None:
    address = reverse("export", args=[shop.slug])
    assert client.post(address, {"format": "../../etc/passwd"}).status_code == 404
    assert not Event.objects.filter(kind="data_exported").exists()


# --- the way ---


def test_each_task_opens_when_the_one_before_it_is_done(
    client: Client, shop: Shop, magento: Magento
) -> None:
    def states() -> list[str]:
        found = re.findall(r'class="status status-(\w+)"', page(client, "shop", shop))
        return found[-len(phases.tasks(shop)) :][:4]  # of the first phase

    assert states() == ["calm", "locked", "locked", "locked"]
    connection = connected(client, shop, magento.fields())
    assert states() == ["done", "busy", "locked", "locked"]
    checking.run(Check.objects.get())
    assert states() == ["done", "done", "busy", "locked"]  # the first pull begins by itself
    pulling.pull(connection, "orders")
    assert states() == ["done", "done", "done", "done"]
    assert "Tell Kleep how your products are described" in page(client, "shop", shop)


def test_pages_speak_the_language_of_the_browser_and_the_switch(
    client: Client, world: World
) -> None:
    french = {"Accept-Language": "fr-FR,fr"}
    assert "Vos boutiques" in client.get("/", headers=french).content.decode()
    client.post("/language", {"language": "en", "next": "/"})
    assert "Your shops" in client.get("/", headers=french).content.decode()
    world.people["owner"].refresh_from_db()
    assert world.people["owner"].language == "en"


def test_the_appearance_is_kept_and_never_leads_elsewhere(client: Client) -> None:
    answer = client.post("/appearance", {"theme": "dark", "next": "https://evil.example/"})
    assert answer["Location"] == "/"
    assert 'data-bs-theme="dark"' in client.get("/").content.decode()
    client.post("/appearance", {"theme": "auto", "next": "/"})
    assert "data-bs-theme" not in client.get("/").content.decode()
