"""The pages about the button: chosen, installed, looked for; what is sealed, refused and found."""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from connectors.models import Connection
from connectors.rotation import rotate
from connectors.sandbox.storefront.shop import PASSWORD, USERNAME
from kleep_portal import crypto
from onboarding import phases, services, tasks
from onboarding.models import Event, PageLook, ProductPage, Shop, StorefrontAccess
from onboarding.phases import State
from onboarding.services.looking import KEPT
from onboarding.widget import detect, snippet
from onboarding.widget.settings import Cmp, Placement, StoreLanguage, WidgetSettings
from tests.onboarding.conftest import World
from tests.storefront import SETTINGS, Site, storefront

pytestmark = pytest.mark.django_db(transaction=True)

FORM = {
    "retailer_uuid": SETTINGS.retailer_uuid,
    "cmp": "didomi",
    "consent_key": "",
    "button_color": "White",
    "font": "Georgia, serif",
    "placement": "after",
    "selector": ".product-add-form",
    "variant_field": "select[name=size]",
    "category": "Shoes",
    "language": "fr",
    "country": "fr",
    "stores": "maison_fr fr FR\nmaison_it it",
    "consent_button": "",
}


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with storefront() as site:
        yield site


@pytest.fixture
def chosen(shop: Shop, site: Site, settings: Any) -> Shop:
    """A shop that chose its button; Kleep is the stand-in."""
    settings.WIDGET_SCRIPT_URL = site.kleep.script_url
    settings.WIDGET_DRAWER_URL, settings.WIDGET_API_URL = site.kleep.drawer_url, site.kleep.api_url
    services.save_widget_settings(shop, SETTINGS, by=None)
    return shop


def shown(client: Client, name: str, shop: Shop, query: str = "") -> str:
    answer = client.get(reverse(name, args=[shop.slug]) + query)
    assert answer.status_code == 200
    return answer.content.decode()


def post(client: Client, name: str, shop: Shop, data: dict[str, Any]) -> Any:
    return client.post(reverse(name, args=[shop.slug]), data)


def looked(shop: Shop, environment: str = "preprod") -> list[PageLook]:
    """Ask, and do what the worker would."""
    looks = services.start_look(shop, environment, by=None)
    for look in looks:
        tasks.look_for_widget(look.pk)
        look.refresh_from_db()
    return looks


def codes(look: PageLook) -> list[str]:
    return [finding["code"] for finding in look.findings]


# --- chosen ---


def test_what_is_chosen_is_kept_with_an_event(client: Client, shop: Shop) -> None:
    answer = post(client, "widget_settings", shop, FORM)
    assert answer.status_code == 302
    shop.refresh_from_db()
    assert WidgetSettings.of(shop.widget) == WidgetSettings(
        retailer_uuid=SETTINGS.retailer_uuid,
        placement=Placement.AFTER,
        selector=".product-add-form",
        button_color=WidgetSettings.of({"button_color": "White"}).button_color,
        font="Georgia, serif",
        language="fr",
        country="FR",
        category="shoes",
        stores=(
            StoreLanguage(store="maison_fr", language="fr", country="FR"),
            StoreLanguage(store="maison_it", language="it", country=""),
        ),
        cmp=Cmp.DIDOMI,
        variant_field="select[name=size]",
    )
    event = Event.objects.get(shop=shop, kind="widget_settings_saved")
    assert event.data["changed"]["country"] == "FR"
    post(client, "widget_settings", shop, FORM)
    assert Event.objects.filter(kind="widget_settings_saved").count() == 1
    again = unescape(shown(client, "widget_settings", shop))
    assert "maison_fr fr FR\nmaison_it it</textarea>" in again


def test_a_new_shop_is_offered_the_defaults(client: Client, shop: Shop) -> None:
    page = shown(client, "widget_settings", shop)
    for value in ("Black", "inline"):
        assert re.search(rf'<input type="radio"[^>]*value="{value}"[^>]* checked', page)
    assert 'value="clothing"' in page
    assert WidgetSettings.of({}).stored() == WidgetSettings().stored()
    assert WidgetSettings.of(WidgetSettings().stored()) == WidgetSettings()


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("retailer_uuid", "not an id", "32 letters and digits"),
        ("retailer_uuid", "", "required"),
        ("selector", "", "Name the element"),
        ("selector", "a{}", "no braces"),
        ("selector", "</script>", "no braces"),
        ("variant_field", "a\\b", "no braces"),
        ("font", "Arial; background: url(x)", "Only letters"),
        ("category", "two words", "One word"),
        ("country", "FRA", "at most 2"),
        ("country", "F1", "Two letters"),
        ("consent_key", "<b>", "Copy the name"),
        ("stores", "it", "Line 1 is not"),
        ("stores", "ok fr FR\nX-1 it IT", "Line 2 is not"),
        ("stores", "ok xx FR", "Line 1 is not"),
        ("stores", "ok fr FR more", "Line 1 is not"),
        ("cmp", "other", "not one of the available"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field_and_nothing_is_kept(
    client: Client, shop: Shop, name: str, value: str, text: str
) -> None:
    answer = post(client, "widget_settings", shop, {**FORM, name: value})
    assert answer.status_code == 200
    page = unescape(answer.content.decode())
    field = page[page.index(f'id="field-{name}"') :]
    assert text in field[: field.index("</div>\n</")] or text in field[:3000]
    shop.refresh_from_db()
    assert shop.widget == {}
    assert not Event.objects.filter(kind="widget_settings_saved").exists()


# --- installed ---


def test_before_anything_is_chosen_there_is_nothing_to_install(client: Client, shop: Shop) -> None:
    assert "Choose first how the button looks" in shown(client, "widget_install", shop)
    assert "Choose first how the button looks" in shown(client, "widget", shop)


@pytest.mark.parametrize("environment", ["preprod", "production"])
def test_the_snippet_of_each_site_is_shown_as_it_is(
    client: Client, chosen: Shop, environment: str
) -> None:
    page = shown(client, "widget_install", chosen, f"?way=html&site={environment}")
    found = re.search(r'<code id="code-snippet">(.*?)</code>', page, re.DOTALL)
    assert found
    assert unescape(found[1]) == snippet.of_shop(chosen, environment)


def test_the_way_that_fits_the_platform_comes_first(client: Client, world: World) -> None:
    services.save_widget_settings(world.shop, SETTINGS, by=None)
    page = shown(client, "widget_install", world.shop)
    assert "bin/magento module:enable Kleep_SizeButton" in page
    assert "bin/magento module:disable Kleep_SizeButton" in page


@pytest.mark.parametrize("way", ["html", "magento", "gtm", "wshop"])
def test_every_way_has_its_steps(client: Client, chosen: Shop, way: str) -> None:
    assert "<li>" in shown(client, "widget_install", chosen, f"?way={way}")
    address = reverse("widget_install", args=[chosen.slug])
    assert client.get(f"{address}?way=other").status_code == 404
    assert client.get(f"{address}?site=other").status_code == 404


def test_a_tag_manager_is_told_that_it_needs_a_place(client: Client, chosen: Shop) -> None:
    text = "does not know where the button goes"
    assert text in shown(client, "widget_install", chosen, "?way=gtm")
    placed = replace(SETTINGS, placement=Placement.AFTER, selector="#x")
    services.save_widget_settings(chosen, placed, by=None)
    assert text not in shown(client, "widget_install", chosen, "?way=gtm")


def test_the_files_are_downloads_for_that_site(client: Client, chosen: Shop) -> None:
    module = client.get(reverse("widget_module", args=[chosen.slug]) + "?site=production")
    assert module["Content-Disposition"] == 'attachment; filename="kleep-size-button.zip"'
    with zipfile.ZipFile(io.BytesIO(module.content)) as archive:
        names = archive.namelist()
        config = archive.read("app/code/Kleep/SizeButton/etc/config.xml").decode()
    assert "<enabled>0</enabled>" in config
    assert SETTINGS.retailer_uuid in config
    assert "app/code/Kleep/SizeButton/etc/integration.xml" not in names
    more = client.get(reverse("widget_module", args=[chosen.slug]) + "?integration=1")
    with zipfile.ZipFile(io.BytesIO(more.content)) as archive:
        assert "app/code/Kleep/SizeButton/etc/integration.xml" in archive.namelist()
    tag = client.get(reverse("widget_tag", args=[chosen.slug]))
    assert tag["Content-Disposition"] == f'attachment; filename="kleep-{chosen.slug}-gtm.json"'
    assert json.loads(tag.content)["exportFormatVersion"] == 2


# --- looked for ---


def test_pages_are_kept_looked_at_and_what_is_found_is_shown(
    client: Client, chosen: Shop, site: Site
) -> None:
    urls = [site.page("good"), site.page("csp-frame"), site.page("good")]
    answer = post(client, "widget_pages", chosen, {"site": "preprod", "urls": "\n".join(urls)})
    assert answer.status_code == 302
    assert [page.url for page in ProductPage.objects.all()] == urls[:2]
    waiting = shown(client, "widget", chosen)
    assert "Looking" in waiting
    assert 'hx-get="/shops/' in waiting
    assert '<meta http-equiv="refresh"' in waiting
    for look in PageLook.objects.all():
        tasks.look_for_widget(look.pk)
    page = unescape(shown(client, "widget", chosen))
    assert 'hx-get="/shops/' not in page
    assert page.count("The button's code is right") == 1
    assert f"frame-src 'self' {site.kleep.drawer_url.removesuffix('/drawer')}" in page
    assert "Owner" in page
    kinds = list(Event.objects.filter(shop=chosen).values_list("kind", flat=True))
    assert {"product_pages_saved", "pages_looked_at"} <= set(kinds)


def test_one_step_stands_out_at_a_time(
    client: Client, shop: Shop, site: Site, settings: Any
) -> None:
    """Choose first; then name a page; then look at it; then go on to the check."""
    primary = re.compile(
        r'class="btn btn-primary[^"]*"[^>]*>(?:<svg.*?</svg>)?\s*([^<]+)', re.DOTALL
    )

    def steps() -> list[str]:
        return [text.strip() for text in primary.findall(shown(client, "widget", shop))]

    assert steps() == ["Choose"]
    settings.WIDGET_SCRIPT_URL = site.kleep.script_url
    settings.WIDGET_DRAWER_URL, settings.WIDGET_API_URL = site.kleep.drawer_url, site.kleep.api_url
    services.save_widget_settings(shop, SETTINGS, by=None)
    assert steps() == ["Save and look"]
    services.set_product_pages(shop, "preprod", [site.page("good")], by=None)
    assert steps() == ["Look now"]
    looked(shop)
    assert steps() == ["Go on: check the button and sign"]
    services.set_product_pages(shop, "preprod", [site.page("csp-frame")], by=None)
    looked(shop)
    assert steps() == ["Look again"]


@pytest.mark.parametrize(
    ("urls", "text"),
    [
        ("ftp://shop.example/", "must begin with https"),
        ("https://me:secret@shop.example/p", "Remove the user name and the password"),
        ("\n".join(f"https://shop.example/{at}" for at in range(6)), "At most 5 pages"),
        ("https://shop.example/" + "a" * 1000, "longer than 1000"),
        (" \n ", "Enter the address of at least one product page."),
    ],
)
def test_addresses_that_cannot_be_are_refused(
    client: Client, chosen: Shop, urls: str, text: str
) -> None:
    answer = post(client, "widget_pages", chosen, {"site": "preprod", "urls": urls})
    assert answer.status_code == 200
    assert text in unescape(answer.content.decode())
    assert ProductPage.objects.count() == 0
    assert PageLook.objects.count() == 0


def test_the_sites_have_pages_of_their_own(client: Client, chosen: Shop, site: Site) -> None:
    services.set_product_pages(chosen, "preprod", [site.page("good")], by=None)
    services.set_product_pages(chosen, "production", [site.page("luma")], by=None)
    assert site.page("luma") not in shown(client, "widget", chosen)
    assert site.page("luma") in shown(client, "widget", chosen, "?site=production")
    [look] = looked(chosen, "production")
    assert codes(look) == ["wrong_site"]


def test_pages_that_are_taken_out_go_with_what_was_found_and_the_others_stay(
    chosen: Shop, site: Site
) -> None:
    services.set_product_pages(chosen, "preprod", [site.page("good"), site.page("old")], by=None)
    kept, _gone = looked(chosen)
    assert services.set_product_pages(chosen, "preprod", [site.page("good")], by=None)
    assert list(PageLook.objects.values_list("pk", flat=True)) == [kept.pk]
    assert not services.set_product_pages(chosen, "preprod", [site.page("good")], by=None)


def test_a_page_is_not_looked_at_twice_at_once(chosen: Shop, site: Site) -> None:
    services.set_product_pages(chosen, "preprod", [site.page("good")], by=None)
    assert len(services.start_look(chosen, "preprod", by=None)) == 1
    assert services.start_look(chosen, "preprod", by=None) == []
    with time_machine.travel(timezone.now() + timedelta(minutes=4), tick=False):
        assert len(services.start_look(chosen, "preprod", by=None)) == 1


def test_a_task_that_comes_twice_looks_once(chosen: Shop, site: Site) -> None:
    services.set_product_pages(chosen, "preprod", [site.page("good")], by=None)
    [look] = looked(chosen)
    site.shop.log.clear()
    tasks.look_for_widget(look.pk)
    tasks.look_for_widget(10**9)
    assert site.shop.log == []


def test_a_change_is_noted_and_old_looks_go(chosen: Shop, site: Site) -> None:
    services.set_product_pages(chosen, "preprod", [site.page("good")], by=None)
    looked(chosen)
    looked(chosen)
    assert not Event.objects.filter(kind="page_changed").exists()
    services.save_widget_settings(chosen, replace(SETTINGS, country="IT"), by=None)
    looked(chosen)
    event = Event.objects.get(kind="page_changed")
    assert event.data == {"url": site.page("good"), "before": ["right"], "after": ["old"]}
    page = ProductPage.objects.get()
    PageLook.objects.bulk_create(
        PageLook(page=page, finished_at=timezone.now()) for _ in range(KEPT)
    )
    looked(chosen)
    assert PageLook.objects.count() == KEPT


def test_production_is_looked_at_every_day_and_what_the_queue_lost_again(
    chosen: Shop, site: Site
) -> None:
    services.set_product_pages(chosen, "preprod", [site.page("good")], by=None)
    services.set_product_pages(chosen, "production", [site.page("good")], by=None)
    [look] = services.due_looks()
    assert look.page.environment == "production"
    assert services.due_looks() == []
    with time_machine.travel(timezone.now() + timedelta(minutes=5), tick=False):
        assert services.due_looks() == [look]
    tasks.look_for_widget(look.pk)
    with time_machine.travel(timezone.now() + timedelta(hours=25), tick=False):
        assert len(services.due_looks()) == 1


def test_a_look_that_breaks_each_time_ends_and_says_so(
    chosen: Shop, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.set_product_pages(chosen, "production", [site.page("good")], by=None)
    [look] = services.due_looks()

    def broken(*_args: object, **_more: object) -> None:
        raise LookupError

    monkeypatch.setattr(detect, "find", broken)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _attempt in range(3):
            with pytest.raises(LookupError):
                tasks.look_for_widget(look.pk)
            clock.shift(timedelta(minutes=5))
            queued = services.due_looks()
    assert queued == []
    look.refresh_from_db()
    assert (look.attempts, look.findings) == (3, [{"code": "failed", "params": {}}])
    assert look.finished_at is not None


@pytest.mark.parametrize("pages", [1, 6])
def test_asking_what_is_due_takes_the_same_questions_for_any_number_of_pages(
    chosen: Shop, django_assert_num_queries: Any, pages: int
) -> None:
    for number in range(pages):
        page = ProductPage.objects.create(
            shop=chosen, environment="production", url=f"https://shop.example/{number}"
        )
        PageLook.objects.create(page=page, finished_at=timezone.now())
    with django_assert_num_queries(3):  # pages that are due, looks to give up, looks to queue again
        assert services.due_looks() == []


# --- the password ---


def test_the_password_is_sealed_used_replaced_and_forgotten(
    client: Client, chosen: Shop, site: Site
) -> None:
    url = f"{site.url}/protected/products/good/linen-dress"
    services.set_product_pages(chosen, "preprod", [url], by=None)
    assert codes(looked(chosen)[0]) == ["password_needed"]
    given = {"site": "preprod", "username": USERNAME, "password": PASSWORD}
    assert post(client, "widget_password", chosen, given).status_code == 302
    access = StorefrontAccess.objects.get()
    assert PASSWORD not in access.sealed
    assert dict(crypto.unseal(str(access.pk), access.sealed)) == {
        "username": USERNAME,
        "password": PASSWORD,
    }
    page = shown(client, "widget", chosen)
    assert "It is never shown again" in page
    assert not any(value in page for value in (PASSWORD, access.sealed))
    for look in PageLook.objects.filter(finished_at=None):
        tasks.look_for_widget(look.pk)
    assert codes(PageLook.objects.all()[0]) == ["right"]

    post(client, "widget_password", chosen, {**given, "password": "another"})
    for look in PageLook.objects.filter(finished_at=None):
        tasks.look_for_widget(look.pk)
    assert codes(PageLook.objects.all()[0]) == ["password_refused"]
    assert StorefrontAccess.objects.count() == 1

    post(client, "widget_password", chosen, {"site": "preprod", "remove": "1"})
    assert StorefrontAccess.objects.count() == 0
    told = str(list(Event.objects.values_list("kind", "data")))
    assert "storefront_access_saved" in told
    assert "storefront_access_removed" in told
    assert not any(value in told for value in (PASSWORD, "another"))


def test_half_a_password_is_refused_and_the_stored_one_stays(client: Client, chosen: Shop) -> None:
    services.save_storefront_access(chosen, "preprod", username="a", password="b", by=None)
    before = StorefrontAccess.objects.get().sealed
    for wrong in ({"username": "a:b", "password": "x"}, {"username": "a", "password": ""}):
        answer = post(client, "widget_password", chosen, {"site": "preprod", **wrong})
        assert answer.status_code == 200
        assert "error-summary" in answer.content.decode()
    assert StorefrontAccess.objects.get().sealed == before


def test_a_password_of_one_site_is_not_sent_to_the_other(chosen: Shop, site: Site) -> None:
    services.save_storefront_access(
        chosen, "preprod", username=USERNAME, password=PASSWORD, by=None
    )
    url = f"{site.url}/protected/products/good/linen-dress"
    services.set_product_pages(chosen, "production", [url], by=None)
    assert codes(looked(chosen, "production")[0]) == ["password_needed"]


# --- the task ---


def test_the_task_follows_what_is_known(chosen: Shop, shop: Shop, site: Site) -> None:
    def state() -> State:
        shop.refresh_from_db()
        return next(task for task in phases.tasks(shop) if task.key == "widget").state

    assert state() is State.INCOMPLETE
    services.set_product_pages(shop, "preprod", [site.page("good")], by=None)
    assert state() is State.INCOMPLETE
    [look] = services.start_look(shop, "preprod", by=None)
    assert state() is State.WORKING
    tasks.look_for_widget(look.pk)
    assert state() is State.COMPLETED
    services.set_product_pages(shop, "preprod", [site.page("good"), site.page("old")], by=None)
    assert state() is State.INCOMPLETE
    looked(shop)
    assert state() is State.COMPLETED
    services.set_product_pages(shop, "preprod", [site.page("twice")], by=None)
    looked(shop)
    assert state() is State.PROBLEM


def test_a_problem_is_named_on_the_steps_that_do_not_show_it(
    client: Client, chosen: Shop, shop: Shop, site: Site
) -> None:
    fact = "Something is wrong on a product page"
    steps = ("widget_settings", "widget_install", "widget")
    services.set_product_pages(shop, "preprod", [site.page("good")], by=None)
    looked(shop)
    assert [fact in shown(client, name, shop) for name in steps] == [False, False, False]
    services.set_product_pages(shop, "preprod", [site.page("csp-frame")], by=None)
    looked(shop)
    assert [fact in shown(client, name, shop) for name in steps] == [True, True, False]
    where = f'href="{reverse("widget", args=[shop.slug])}">See what is wrong</a>'
    assert where in shown(client, "widget_install", shop)


def test_the_password_moves_to_a_new_key_with_everything_else(shop: Shop, settings: Any) -> None:
    old, new = (Fernet.generate_key().decode() for _ in range(2))
    settings.ENCRYPTION_KEYS = [old]
    services.save_storefront_access(shop, "preprod", username="a-name", password="a-word", by=None)
    settings.ENCRYPTION_KEYS = [new, old]
    Connection.objects.update(sealed="")
    Authenticator.objects.all().delete()  # sealed with a key that is none here
    done = rotate()
    assert (done.resealed, done.failed) == (1, [])
    settings.ENCRYPTION_KEYS = [new]
    opened = services.storefront_credentials(shop, "preprod")
    assert opened is not None
    assert dict(opened) == {"username": "a-name", "password": "a-word"}
